using System.Collections.Concurrent;
using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Fleethold.Resources.Wire;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Metadata = Fleethold.Resources.Wire.Metadata;
using Resource = Fleethold.Resources.Wire.Resource;

namespace Fleethold.Cli.Tests;

/// <summary>
/// A State server for what can't be arranged with the real one: other versions, odd definitions, changes at the worst moment.
/// It keeps what it is given and has none of the rules.
/// </summary>
internal sealed class SmallState : State.StateBase
{
    private readonly ConcurrentDictionary<ResourceRef, Resource> _resources = new();

    public SmallState(uint apiVersion = 3) =>
        Add(Kinds.SysVersions.Named("current"), new SysVersionSpec { BackendVersion = "v9.9.9", BackendApiVersion = apiVersion, InstanceName = "small" });

    /// <summary>The most teardowns that ran at once.</summary>
    public int MostAtOnce => _mostAtOnce;

    /// <summary>Called by each teardown; it may wait.</summary>
    public Func<string, Task> OnTeardown { get; set; } = _ => Task.CompletedTask;

    /// <summary>Called before each update.</summary>
    public Action<Resource> OnUpdate { get; set; } = _ => { };

    private int _running;
    private int _mostAtOnce;

    public IEnumerable<string> Ids(ResourceKind kind) => _resources.Keys.Where(reference => reference.Type == kind.Type).Select(reference => reference.Id).Order();

    public Resource this[ResourceRef reference] => _resources[reference];

    public SmallState Define(string type, string display, params string[] aliases)
    {
        var spec = new ResourceDefinitionSpec { ResourceType = type, DisplayType = display, DefaultNamespace = "default", AllAliases = { aliases } };
        Add(Kinds.ResourceDefinitions.Named(type.ToLowerInvariant()), spec);
        return this;
    }

    public void Add(ResourceRef reference, IMessage spec, string yaml = "{}\n") => _resources[reference] = new Resource
    {
        Metadata = new Metadata
        {
            Namespace = reference.Namespace,
            Type = reference.Type,
            Id = reference.Id,
            Version = "1",
            Phase = "running",
            Created = new Timestamp(),
            Updated = new Timestamp(),
        },
        Spec = new Spec { ProtoSpec = spec.ToByteString(), YamlSpec = yaml },
    };

    public override Task<GetResponse> Get(GetRequest request, ServerCallContext context) =>
        _resources.TryGetValue(new ResourceRef(request.Namespace, request.Type, request.Id), out var found)
            ? Task.FromResult(new GetResponse { Resource = found })
            : throw NotFound(request.Id);

    public override async Task List(ListRequest request, IServerStreamWriter<ListResponse> answers, ServerCallContext context)
    {
        foreach (var (_, resource) in _resources.Where(one => one.Key.Kind == new KindRef(request.Namespace, request.Type)).OrderBy(one => one.Key.Id))
        {
            await answers.WriteAsync(new ListResponse { Resource = resource });
        }
    }

    public override Task<UpdateResponse> Update(UpdateRequest request, ServerCallContext context)
    {
        OnUpdate(request.NewResource);
        var metadata = request.NewResource.Metadata;
        var reference = new ResourceRef(metadata.Namespace, metadata.Type, metadata.Id);
        if (_resources[reference].Metadata.Version != metadata.Version)
        {
            throw new RpcException(new Status(StatusCode.FailedPrecondition, "update conflict"));
        }

        _resources[reference] = request.NewResource;
        return Task.FromResult(new UpdateResponse { Resource = request.NewResource });
    }

    public override Task<TeardownResponse> Teardown(TeardownRequest request, ServerCallContext context)
    {
        _resources[new ResourceRef(request.Namespace, request.Type, request.Id)].Metadata.Phase = "tearingDown";
        return Task.FromResult(new TeardownResponse());
    }

    public override async Task<TeardownAndDestroyResponse> TeardownAndDestroy(TeardownAndDestroyRequest request, ServerCallContext context)
    {
        var running = Interlocked.Increment(ref _running);
        for (var most = _mostAtOnce; running > most; most = _mostAtOnce)
        {
            Interlocked.CompareExchange(ref _mostAtOnce, running, most);
        }

        try
        {
            await OnTeardown(request.Id);
            return _resources.TryRemove(new ResourceRef(request.Namespace, request.Type, request.Id), out _)
                ? new TeardownAndDestroyResponse()
                : throw NotFound(request.Id);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    private static RpcException NotFound(string id) => new(new Status(StatusCode.NotFound, $"resource {id} doesn't exist"));
}
