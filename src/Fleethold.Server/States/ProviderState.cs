using System.Collections.Frozen;
using Fleethold.Resources;
using Fleethold.Resources.Queries;
using Fleethold.Runtime;

namespace Fleethold.Server.States;

/// <summary>
/// The state as one infrastructure provider sees it: its own resources in the shared namespaces, told by a label; everything in a namespace of its own;
/// and to read only, the few kinds that every provider needs (reference/api-auth.md 5.2 and 5.3).
/// </summary>
internal sealed class ProviderState(IState inner, string id) : StateDecorator(inner)
{
    /// <summary>The label that says whose a resource is.</summary>
    public const string Label = "omni.sidero.dev/infra-provider-id";

    private static readonly FrozenSet<string> ReadOnlyInfra = TypesOf(
        Kinds.InfraMachineRegistrations, Kinds.MachineRequests, Kinds.ProviderJoinConfigs, Kinds.InfraMachines, Kinds.BMCConfigs);

    private static readonly FrozenSet<string> NamedByProvider = TypesOf(
        Kinds.InfraProviders, Kinds.InfraProviderStatuses, Kinds.InfraProviderHealthStatuses);

    private static readonly FrozenSet<string> WritableInfra = TypesOf(
        Kinds.MachineRequestStatuses, Kinds.InfraMachineStatuses, Kinds.ConfigPatchRequests);

    private static readonly FrozenSet<string> Readable = TypesOf(
        Kinds.AuthConfigs, Kinds.EulaAcceptances, Kinds.Namespaces, Kinds.ResourceDefinitions, Kinds.FeaturesConfigs, Kinds.TalosExtensions,
        Kinds.TalosVersions, Kinds.KubernetesVersions, Kinds.InstallationMedias, Kinds.OngoingTasks, Kinds.MachineStatusMetrics, Kinds.Notifications,
        Kinds.ClusterMetrics, Kinds.ClusterStatusMetrics, Kinds.SysVersions, Kinds.AdvertisedEndpoints, Kinds.CurrentUsers, Kinds.Permissions,
        Kinds.ClusterPermissions, Kinds.Quirks, Kinds.Machines, Kinds.SiderolinkAPIConfigs, Kinds.ConnectionParams);

    private readonly string _namespace = Namespaces.InfraProviderPrefix + id;

    public override async ValueTask<Outcome<Resource>> Get(ResourceRef reference, CancellationToken cancellation = default)
    {
        if (await MayRead(reference.Kind, cancellation) is { } refused)
        {
            return refused;
        }

        var found = await Inner.Get(reference, cancellation);
        return found.Succeeded(out var resource, out _) && !IsVisible(resource.Metadata) ? NotFound(reference) : found;
    }

    public override async ValueTask<Outcome<IReadOnlyList<Resource>>> List(KindRef kind, ResourceQuery query, CancellationToken cancellation = default)
    {
        if (await MayRead(kind, cancellation) is { } refused)
        {
            return refused;
        }

        var listed = await Inner.List(kind, query, cancellation);
        return listed.Succeeded(out var all, out _) && IsShared(kind.Namespace)
            ? Outcome<IReadOnlyList<Resource>>.Of([.. all.Where(resource => IsVisible(resource.Metadata))])
            : listed;
    }

    public override async ValueTask<Outcome<Resource>> Create(Resource resource, string owner = "", CancellationToken cancellation = default) =>
        await MayWrite(resource.Ref, "create", cancellation) is { } refused
            ? refused
            : await Inner.Create(WithLabel(resource), owner, cancellation);

    public override async ValueTask<Outcome<Resource>> Update(
        Resource resource, string owner = "", Phase? expectedPhase = Phase.Running, CancellationToken cancellation = default)
    {
        if (ReadOnlyInfra.Contains(resource.Ref.Type) && IsShared(resource.Ref.Namespace))
        {
            return await UpdateFinalizers(resource, owner, expectedPhase, cancellation);
        }

        return (await MayWrite(resource.Ref, "update", cancellation) ?? await OfOthers(resource.Ref, cancellation)) is { } refused
            ? refused
            : await Inner.Update(WithLabel(resource), owner, expectedPhase, cancellation);
    }

    public override async ValueTask<Outcome<Resource>> Teardown(ResourceRef reference, string owner = "", CancellationToken cancellation = default) =>
        (await MayWrite(reference, "destroy", cancellation) ?? await OfOthers(reference, cancellation)) is { } refused
            ? refused
            : await Inner.Teardown(reference, owner, cancellation);

    public override async ValueTask<Outcome<Resource>> Destroy(ResourceRef reference, string owner = "", CancellationToken cancellation = default) =>
        (await MayWrite(reference, "destroy", cancellation) ?? await OfOthers(reference, cancellation)) is { } refused
            ? refused
            : await Inner.Destroy(reference, owner, cancellation);

    public override Outcome<IWatch> Watch(ResourceRef reference, WatchOptions options) =>
        MayReadNow(reference.Kind) is { } refused ? refused : Filtered(Inner.Watch(reference, options), reference.Namespace);

    public override Outcome<IWatch> WatchKind(KindRef kind, ResourceQuery query, WatchOptions options) =>
        MayReadNow(kind) is { } refused ? refused : Filtered(Inner.WatchKind(kind, query, options), kind.Namespace);

    private static FrozenSet<string> TypesOf(params ReadOnlySpan<ResourceKind> kinds)
    {
        var types = new List<string>();
        foreach (var kind in kinds)
        {
            types.Add(kind.Type);
        }

        return types.ToFrozenSet(StringComparer.Ordinal);
    }

    private static bool IsShared(string name) => name is Namespaces.InfraProvider or Namespaces.InfraProviderEphemeral;

    private static bool IsInfra(KindRef kind) =>
        kind.Namespace.StartsWith(Namespaces.InfraProviderPrefix, StringComparison.Ordinal)
        || ReadOnlyInfra.Contains(kind.Type) || NamedByProvider.Contains(kind.Type) || WritableInfra.Contains(kind.Type);

    /// <summary>Refusals of the access matrix come wrapped as upstream's validation wraps them (reference/api-auth.md 5.2).</summary>
    private static Fault.Denied ByMatrix(string text) =>
        new($"failed to validate: 1 error occurred:\n\t* rpc error: code = PermissionDenied desc = {text}\n\n");

    private static Fault NotFound(ResourceRef reference) => new Fault.NotFound(reference) with { Message = "not found" };

    private bool IsVisible(Metadata metadata) =>
        !IsShared(metadata.Namespace)
        || (metadata.Labels.TryGetValue(Label, out var provider) && provider == id)
        || (NamedByProvider.Contains(metadata.Type) && metadata.Id == id);

    private Resource WithLabel(Resource resource) =>
        IsShared(resource.Ref.Namespace) ? resource.With(resource.Metadata.WithLabel(Label, id)) : resource;

    private async ValueTask<Fault?> MayRead(KindRef kind, CancellationToken cancellation) =>
        await NotRegistered(cancellation) ?? Reading(kind);

    // The check is a read of memory, which is never waited for.
    private Fault? MayReadNow(KindRef kind)
    {
        var registered = NotRegistered(CancellationToken.None);
        return (registered.IsCompletedSuccessfully ? registered.GetAwaiter().GetResult() : Unregistered()) ?? Reading(kind);
    }

    private async ValueTask<Fault?> NotRegistered(CancellationToken cancellation) =>
        (await Inner.Get(Kinds.InfraProviders.Named(id), cancellation)).Fault is null ? null : Unregistered();

    private Fault.Denied Unregistered() => new($"infra provider with name \"{id}\" is not registered in the system");

    private Fault? Reading(KindRef kind) =>
        IsInfra(kind) ? WrongPlace(kind)
        : Readable.Contains(kind.Type) ? null
        : ByMatrix("no access is permitted");

    private Fault? WrongPlace(KindRef kind)
    {
        if (IsShared(kind.Namespace))
        {
            return null;
        }

        if (kind.Namespace != _namespace)
        {
            return new Fault.Denied($"namespace not allowed, must be one of: {Namespaces.InfraProvider}, {Namespaces.InfraProviderEphemeral}, {_namespace}");
        }

        var suffix = $".{id}.infraprovider.sidero.dev";
        return kind.Type.EndsWith(suffix, StringComparison.Ordinal)
            ? null
            : new Fault.Invalid($"resources in namespace \"{kind.Namespace}\" must have a type suffix \"{suffix}\"");
    }

    private async ValueTask<Fault?> MayWrite(ResourceRef reference, string verb, CancellationToken cancellation)
    {
        if (await NotRegistered(cancellation) is { } unregistered)
        {
            return unregistered;
        }

        if (!IsInfra(reference.Kind))
        {
            return ByMatrix(Readable.Contains(reference.Type) ? "only read access is permitted" : "no access is permitted");
        }

        if (WrongPlace(reference.Kind) is { } misplaced)
        {
            return misplaced;
        }

        if (!IsShared(reference.Namespace))
        {
            return null;
        }

        if (ReadOnlyInfra.Contains(reference.Type))
        {
            return new Fault.Denied($"infra providers are not allowed to {verb} \"{reference.Type}\" resources");
        }

        return NamedByProvider.Contains(reference.Type) && reference.Id != id
            ? new Fault.Invalid($"resource ID must match the infra provider ID \"{id}\"")
            : null;
    }

    /// <summary>What belongs to another provider isn't there.</summary>
    private async ValueTask<Fault?> OfOthers(ResourceRef reference, CancellationToken cancellation) =>
        (await Inner.Get(reference, cancellation)).Succeeded(out var present, out _) && !IsVisible(present.Metadata) ? NotFound(reference) : null;

    private async ValueTask<Outcome<Resource>> UpdateFinalizers(Resource resource, string owner, Phase? expectedPhase, CancellationToken cancellation)
    {
        if (await MayRead(resource.Ref.Kind, cancellation) is { } refused)
        {
            return refused;
        }

        var read = await Get(resource.Ref, cancellation);
        if (!read.Succeeded(out var present, out var missing))
        {
            return missing;
        }

        var onlyFinalizers = present.Metadata with { Finalizers = resource.Metadata.Finalizers, Version = resource.Metadata.Version };
        return onlyFinalizers.Equals(resource.Metadata) && present.SameSpecAs(resource)
            ? await Inner.Update(resource, owner, expectedPhase, cancellation)
            : new Fault.Denied($"infra providers are not allowed to update \"{resource.Ref.Type}\" resources other than setting finalizers");
    }

    private Outcome<IWatch> Filtered(Outcome<IWatch> watching, string name) =>
        watching.Succeeded(out var watch, out _) && IsShared(name) ? Outcome<IWatch>.Of(new FilteredWatch(watch, IsVisible)) : watching;
}

/// <summary>A watch that leaves out resources that its reader may not see.</summary>
internal sealed class FilteredWatch(IWatch inner, Func<Metadata, bool> visible) : IWatch
{
    public IReadOnlyList<StateEvent> TakeAvailable(int max)
    {
        while (true)
        {
            var taken = inner.TakeAvailable(max);
            if (taken.Count == 0)
            {
                return taken;
            }

            // Nothing left over doesn't mean that nothing is there: the reader would wait in vain.
            List<StateEvent> seen = [.. taken.Where(IsSeen)];
            if (seen.Count > 0)
            {
                return seen;
            }
        }
    }

    public ValueTask WaitAsync(CancellationToken cancellation) => inner.WaitAsync(cancellation);

    public void Dispose() => inner.Dispose();

    private bool IsSeen(StateEvent one) =>
        one.Type is EventType.Bootstrapped or EventType.Errored or EventType.Noop
        || !one.Resource.Metadata.Version.IsDefined
        || visible(one.Resource.Metadata);
}
