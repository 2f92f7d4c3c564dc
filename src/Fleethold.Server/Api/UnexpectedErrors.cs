using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Fleethold.Server.Api;

/// <summary>What nobody expected is logged with an id, and the caller gets the id and nothing of the inside.</summary>
internal sealed partial class UnexpectedErrors(ILogger<UnexpectedErrors> log) : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            return await continuation(request, context);
        }
        catch (Exception error) when (error is not RpcException)
        {
            throw Translate(error, context);
        }
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(request, responseStream, context);
        }
        catch (Exception error) when (error is not RpcException)
        {
            throw Translate(error, context);
        }
    }

    public override async Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(requestStream, responseStream, context);
        }
        catch (Exception error) when (error is not RpcException)
        {
            throw Translate(error, context);
        }
    }

    private RpcException Translate(Exception error, ServerCallContext context)
    {
        if (context.CancellationToken.IsCancellationRequested)
        {
            return new RpcException(new Status(StatusCode.Cancelled, "the call was cancelled"));
        }

        var id = context.GetHttpContext().TraceIdentifier;
        Log.Unexpected(log, context.Method, id, error);
        return new RpcException(new Status(StatusCode.Internal, $"internal error, logged with id {id}"));
    }

    private static partial class Log
    {
        [LoggerMessage(200, LogLevel.Error, "{Method} failed unexpectedly, id {Id}; please report it with this log")]
        public static partial void Unexpected(ILogger logger, string method, string id, Exception error);
    }
}
