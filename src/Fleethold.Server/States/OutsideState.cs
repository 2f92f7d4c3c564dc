using Fleethold.Resources;
using Fleethold.Resources.Queries;
using Fleethold.Runtime;

namespace Fleethold.Server.States;

/// <summary>
/// What everybody outside sees of the state: stored resources, and in the computed namespaces the operations that exist there
/// (reference/resources.md 3.1 and 4). Nobody outside writes definitions, computed or foreign resources.
/// </summary>
internal sealed class OutsideState(IState inner) : StateDecorator(inner)
{
    public override ValueTask<Outcome<Resource>> Get(ResourceRef reference, CancellationToken cancellation = default) =>
        ComputedKinds.Reading(reference.Kind) is { } fault ? new(fault) : Inner.Get(reference, cancellation);

    public override ValueTask<Outcome<IReadOnlyList<Resource>>> List(KindRef kind, ResourceQuery query, CancellationToken cancellation = default) =>
        ComputedKinds.Listing(kind, query) is { } fault ? new(fault) : Inner.List(kind, query, cancellation);

    public override async ValueTask<Outcome<Resource>> Create(Resource resource, string owner = "", CancellationToken cancellation = default) =>
        ComputedKinds.Writing(resource.Ref.Kind, "create") is { } fault ? fault
        : GeneralRules.ForCreate(resource.Metadata) is { } broken ? broken
        : await JoinTokenRules.ForWrite(Inner, resource, cancellation) is { } refused ? refused
        : await Inner.Create(resource, owner, cancellation);

    public override async ValueTask<Outcome<Resource>> Update(
        Resource resource, string owner = "", Phase? expectedPhase = Phase.Running, CancellationToken cancellation = default)
    {
        if (ComputedKinds.Writing(resource.Ref.Kind, "update") is { } fault)
        {
            return fault;
        }

        var present = await Inner.Get(resource.Ref, cancellation);
        if (present.Succeeded(out var before, out var missing))
        {
            if (GeneralRules.ForUpdate(before.Metadata, resource.Metadata) is { } broken)
            {
                return broken;
            }

            if (await JoinTokenRules.ForWrite(Inner, resource, cancellation) is { } refused)
            {
                return refused;
            }
        }
        else if (IsInfra(resource.Ref.Namespace))
        {
            return FailedToGet(missing);
        }

        return await Inner.Update(resource, owner, expectedPhase, cancellation);
    }

    public override async ValueTask<Outcome<Resource>> Teardown(ResourceRef reference, string owner = "", CancellationToken cancellation = default) =>
        ComputedKinds.Writing(reference.Kind, "teardown") is { } fault ? fault
        : await JoinTokenRules.ForRemoval(Inner, reference, cancellation) is { } refused ? refused
        : IsInfra(reference.Namespace) ? await AfterGet(reference, () => Inner.Teardown(reference, owner, cancellation), cancellation)
        : await Inner.Teardown(reference, owner, cancellation);

    public override async ValueTask<Outcome<Resource>> Destroy(ResourceRef reference, string owner = "", CancellationToken cancellation = default) =>
        ComputedKinds.Writing(reference.Kind, "destroy") is { } fault ? fault
        : await JoinTokenRules.ForRemoval(Inner, reference, cancellation) is { } refused ? refused
        : IsInfra(reference.Namespace) ? await AfterGet(reference, () => Inner.Destroy(reference, owner, cancellation), cancellation)
        : await Inner.Destroy(reference, owner, cancellation);

    public override Outcome<IWatch> Watch(ResourceRef reference, WatchOptions options) =>
        ComputedKinds.Watching(reference.Kind) is { } fault ? fault : Inner.Watch(reference, options);

    public override Outcome<IWatch> WatchKind(KindRef kind, ResourceQuery query, WatchOptions options) =>
        ComputedKinds.Watching(kind) is { } fault ? fault : Inner.WatchKind(kind, query, options);

    private static bool IsInfra(string name) => name.StartsWith(Namespaces.InfraProvider, StringComparison.Ordinal);

    /// <summary>Writes to infra kinds read first upstream, and say so when there is nothing.</summary>
    private static Fault FailedToGet(Fault missing) => missing with { Message = $"failed to get: {missing.Message}" };

    private async ValueTask<Outcome<Resource>> AfterGet(
        ResourceRef reference, Func<ValueTask<Outcome<Resource>>> write, CancellationToken cancellation) =>
        (await Inner.Get(reference, cancellation)).Fault is { } missing ? FailedToGet(missing) : await write();
}
