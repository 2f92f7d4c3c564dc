using System.Collections.Concurrent;
using Fleethold.Resources.Wire;
using Google.Protobuf;
using Grpc.Core;

namespace Fleethold.Cli.Tests.Transcripts;

/// <summary>A State server that gives the recorded answers to the recorded requests of one step, and refuses all others.</summary>
internal sealed class ReplayingState(IReadOnlyList<RecordedCall> calls) : State.StateBase
{
    /// <summary>How many calls came.</summary>
    public int Count => _count;

    private int _count;

    /// <summary>The indexes of the recorded calls that were asked for.</summary>
    public ConcurrentDictionary<int, bool> Asked { get; } = new();

    /// <summary>Requests that nobody recorded.</summary>
    public ConcurrentQueue<string> Unexpected { get; } = new();

    public override Task<GetResponse> Get(GetRequest request, ServerCallContext context) => One(request, GetRequest.Parser, GetResponse.Parser);

    public override Task<CreateResponse> Create(CreateRequest request, ServerCallContext context) => One(request, CreateRequest.Parser, CreateResponse.Parser);

    public override Task<UpdateResponse> Update(UpdateRequest request, ServerCallContext context) => One(request, UpdateRequest.Parser, UpdateResponse.Parser);

    public override async Task List(ListRequest request, IServerStreamWriter<ListResponse> answers, ServerCallContext context)
    {
        var call = Find(request, ListRequest.Parser);
        foreach (var answer in call.Responses)
        {
            await answers.WriteAsync(ListResponse.Parser.ParseFrom(answer), context.CancellationToken);
        }

        Finish(call);
    }

    public override async Task Watch(WatchRequest request, IServerStreamWriter<WatchResponse> answers, ServerCallContext context)
    {
        var call = Find(request, WatchRequest.Parser);
        foreach (var answer in call.Responses)
        {
            await answers.WriteAsync(WatchResponse.Parser.ParseFrom(answer), context.CancellationToken);
        }

        // The recorded client broke the watch off; so will this one.
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken);
    }

    private Task<TResponse> One<TRequest, TResponse>(TRequest request, MessageParser<TRequest> requests, MessageParser<TResponse> responses)
        where TRequest : IMessage<TRequest>
        where TResponse : IMessage<TResponse>
    {
        var call = Find(request, requests);
        Finish(call);
        return Task.FromResult(responses.ParseFrom(call.Responses.Single()));
    }

    private RecordedCall Find<TRequest>(TRequest request, MessageParser<TRequest> parser)
        where TRequest : IMessage<TRequest>
    {
        Interlocked.Increment(ref _count);
        var method = request.Descriptor.Name[..^"Request".Length];
        RecordedCall? found = null;
        for (var i = 0; i < calls.Count; i++)
        {
            if (calls[i].Method == method && parser.ParseFrom(calls[i].Request).Equals(request))
            {
                Asked[i] = true;
                found = calls[i];
            }
        }

        if (found is null)
        {
            Unexpected.Enqueue($"{method} {request}");
            throw new RpcException(new Status(StatusCode.DataLoss, $"nobody recorded {method} {request}"));
        }

        return found;
    }

    private static void Finish(RecordedCall call)
    {
        if (call.Status is { } status and not 0)
        {
            throw new RpcException(new Status((StatusCode)status, call.Message));
        }
    }
}
