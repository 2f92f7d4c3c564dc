using Google.Protobuf;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using Wire = Fleethold.Resources.Wire;

namespace Fleethold.Server.Api;

/// <summary>
/// Binds the methods of <c>cosi.resource.State</c> with marshallers of our own instead of the generated ones: replies are written as the bytes
/// that a resource was encoded to once, and requests are bounded.
/// </summary>
internal sealed class StateMethods : IServiceMethodProvider<StateService>
{
    /// <summary>The full name of the service.</summary>
    public static string ServiceName => Wire.State.Descriptor.FullName;

    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<StateService> context)
    {
        var resource = Replies.Resource;
        context.AddUnaryMethod(
            Unary("Get", Wire.GetRequest.Parser, resource), [], static (service, request, call) => service.Get(request, call));
        context.AddServerStreamingMethod(
            Stream("List", Wire.ListRequest.Parser, resource), [], static (service, request, stream, call) => service.List(request, stream, call));
        context.AddUnaryMethod(
            new Method<WriteRequest, ResourceReply>(MethodType.Unary, ServiceName, "Create", WriteRequest.Create, resource), [], static (service, request, call) => service.Create(request, call));
        context.AddUnaryMethod(
            new Method<WriteRequest, ResourceReply>(MethodType.Unary, ServiceName, "Update", WriteRequest.Update, resource), [], static (service, request, call) => service.Update(request, call));
        context.AddUnaryMethod(
            Unary("Destroy", Wire.DestroyRequest.Parser, Replies.Message<Wire.DestroyResponse>()),
            [],
            static (service, request, call) => service.Destroy(request, call));
        context.AddServerStreamingMethod(
            Stream("Watch", Wire.WatchRequest.Parser, Replies.Watch), [], static (service, request, stream, call) => service.Watch(request, stream, call));
        context.AddUnaryMethod(
            Unary("Teardown", Wire.TeardownRequest.Parser, Replies.Message<Wire.TeardownResponse>()),
            [],
            static (service, request, call) => service.Teardown(request, call));
        context.AddUnaryMethod(
            Unary("TeardownAndDestroy", Wire.TeardownAndDestroyRequest.Parser, Replies.Message<Wire.TeardownAndDestroyResponse>()),
            [],
            static (service, request, call) => service.TeardownAndDestroy(request, call));
    }

    private static Method<TRequest, TReply> Unary<TRequest, TReply>(string name, MessageParser<TRequest> parser, Marshaller<TReply> reply)
        where TRequest : class, IMessage<TRequest>
        where TReply : class => new(MethodType.Unary, ServiceName, name, Requests.Read(parser, Requests.MaxQuery), reply);

    private static Method<TRequest, TReply> Stream<TRequest, TReply>(string name, MessageParser<TRequest> parser, Marshaller<TReply> reply)
        where TRequest : class, IMessage<TRequest>
        where TReply : class => new(MethodType.ServerStreaming, ServiceName, name, Requests.Read(parser, Requests.MaxQuery), reply);
}
