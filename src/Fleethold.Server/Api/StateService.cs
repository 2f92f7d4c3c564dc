using Fleethold.Resources;
using Fleethold.Runtime;
using Fleethold.Server.Access;
using Fleethold.Server.States;
using Grpc.Core;
using Wire = Fleethold.Resources.Wire;

namespace Fleethold.Server.Api;

/// <summary>
/// <c>cosi.resource.State</c>: what omnictl, providers and the client library call (reference/resources.md 2.5 to 2.7). It translates between
/// the wire and <see cref="IState"/>; what a caller sees and may do is decided by the state that <see cref="ServerState.For"/> gives.
/// </summary>
internal sealed class StateService(ServerState states, ResourceForms forms, IHostApplicationLifetime lifetime)
{
    /// <summary>A list goes out in pieces of about this size.</summary>
    private const int FlushEvery = 32 * 1024;

    /// <summary>One resource.</summary>
    public async Task<ResourceReply> Get(Wire.GetRequest request, ServerCallContext context)
    {
        var outcome = await StateOf(context).Get(new ResourceRef(request.Namespace, request.Type, request.Id), context.CancellationToken);
        return Reply(outcome, context);
    }

    /// <summary>All resources of a kind that match, one a message, ordered by id.</summary>
    public async Task List(Wire.ListRequest request, IServerStreamWriter<ResourceReply> stream, ServerCallContext context)
    {
        var query = Wire.LabelQueryCodec.FromWire(request.Options?.LabelQuery ?? (IReadOnlyCollection<Wire.LabelQuery>)[], request.Options?.IdQuery).OrThrow();
        var listed = await StateOf(context).List(new KindRef(request.Namespace, request.Type), query, context.CancellationToken);
        var compression = Compression.Of(context);
        var unflushed = 0;
        foreach (var resource in listed.OrThrow())
        {
            context.CancellationToken.ThrowIfCancellationRequested();
            var reply = new ResourceReply(forms.Encode(resource));
            unflushed += reply.Size;
            var flush = unflushed >= FlushEvery;
            unflushed = flush ? 0 : unflushed;
            stream.WriteOptions = compression.For(reply.Size, buffered: !flush);
            await stream.WriteAsync(reply);
        }
    }

    /// <summary>Stores a new resource and answers with it as stored.</summary>
    public async Task<ResourceReply> Create(WriteRequest request, ServerCallContext context)
    {
        var resource = request.Resource().OrThrow();
        var outcome = await StateOf(context).Create(resource, request.Owner, context.CancellationToken);
        return Reply(outcome, context);
    }

    /// <summary>Replaces a resource and answers with it as stored.</summary>
    public async Task<ResourceReply> Update(WriteRequest request, ServerCallContext context)
    {
        var resource = request.Resource().OrThrow();
        Phase? expected = null;
        if (request.ExpectedPhase is { } text)
        {
            expected = PhaseText.TryParse(text, out var phase) ? phase : throw FaultCodes.ToException(new Fault.Invalid($"unknown phase: {text}"));
        }

        var outcome = await StateOf(context).Update(resource, request.Owner, expected, context.CancellationToken);
        return Reply(outcome, context);
    }

    /// <summary>Removes a resource that has no finalizers.</summary>
    public async Task<Wire.DestroyResponse> Destroy(Wire.DestroyRequest request, ServerCallContext context)
    {
        var reference = new ResourceRef(request.Namespace, request.Type, request.Id);
        (await StateOf(context).Destroy(reference, request.Options?.Owner ?? "", context.CancellationToken)).OrThrow();
        return new Wire.DestroyResponse();
    }

    /// <summary>Asks for the removal of a resource, and says whether nothing holds it any more.</summary>
    public async Task<Wire.TeardownResponse> Teardown(Wire.TeardownRequest request, ServerCallContext context)
    {
        var reference = new ResourceRef(request.Namespace, request.Type, request.Id);
        var torn = (await StateOf(context).Teardown(reference, request.Options?.Owner ?? "", context.CancellationToken)).OrThrow();
        return new Wire.TeardownResponse { DestroyReady = torn.Metadata.Finalizers.IsEmpty };
    }

    /// <summary>Tears down, waits for the finalizers as long as the caller does, and destroys.</summary>
    public async Task<Wire.TeardownAndDestroyResponse> TeardownAndDestroy(Wire.TeardownAndDestroyRequest request, ServerCallContext context)
    {
        var reference = new ResourceRef(request.Namespace, request.Type, request.Id);
        using var ending = Ending(context);
        try
        {
            if (await StateOf(context).TeardownAndDestroy(reference, request.Options?.Owner ?? "", ending.Token) is { } fault)
            {
                throw FaultCodes.ToException(fault);
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            throw Ended(context);
        }

        return new Wire.TeardownAndDestroyResponse();
    }

    /// <summary>Events of one resource or of a kind, until the caller goes.</summary>
    public async Task Watch(Wire.WatchRequest request, IServerStreamWriter<WatchReply> stream, ServerCallContext context)
    {
        using var watch = Open(request, StateOf(context));
        using var ending = Ending(context);
        try
        {
            await stream.WriteAsync(WatchReply.Ready);
            var sender = new WatchSender(forms, stream, request, Compression.Of(context));
            while (true)
            {
                if (!await sender.Send(watch))
                {
                    await watch.WaitAsync(ending.Token);
                }

                ending.Token.ThrowIfCancellationRequested();
            }
        }
        catch (Exception) when (ending.IsCancellationRequested)
        {
            // Also what a broken transport throws while it is written to.
            throw Ended(context);
        }
    }

    private static IWatch Open(Wire.WatchRequest request, IState state)
    {
        var wanted = request.Options ?? new Wire.WatchOptions();
        if (wanted.HasStartFromBookmark && wanted.StartFromBookmark.IsEmpty)
        {
            throw FaultCodes.ToException(new Fault.InvalidBookmark());
        }

        var options = new WatchOptions
        {
            BootstrapContents = wanted.BootstrapContents,
            BootstrapBookmark = wanted.BootstrapBookmark,
            TailEvents = Math.Max(0, wanted.TailEvents),
            StartFromBookmark = wanted.StartFromBookmark.Memory,
        };
        if (!request.HasId)
        {
            var query = Wire.LabelQueryCodec.FromWire(wanted.LabelQuery, wanted.IdQuery).OrThrow();
            return state.WatchKind(new KindRef(request.Namespace, request.Type), query, options).OrThrow();
        }

        if (wanted.LabelQuery.Count > 0 || wanted.IdQuery is { Regexp.Length: > 0 })
        {
            throw FaultCodes.ToException(new Fault.Unsupported("label query is not implemented for resource watch"));
        }

        return state.Watch(new ResourceRef(request.Namespace, request.Type, request.Id), options).OrThrow();
    }

    private ResourceReply Reply(Outcome<Resource> outcome, ServerCallContext context)
    {
        var reply = new ResourceReply(forms.Encode(outcome.OrThrow()));
        context.WriteOptions = Compression.Of(context).For(reply.Size);
        return reply;
    }

    private IState StateOf(ServerCallContext context) => states.For(context.GetHttpContext().Features.Get<Caller>() ?? throw new InvalidOperationException("nobody let this call in"));

    private CancellationTokenSource Ending(ServerCallContext context) =>
        CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);

    private static RpcException Ended(ServerCallContext context) => context.CancellationToken.IsCancellationRequested
        ? new RpcException(new Status(StatusCode.Cancelled, "the call was cancelled"))
        : new RpcException(new Status(StatusCode.Unavailable, Refusal.Stopping));
}
