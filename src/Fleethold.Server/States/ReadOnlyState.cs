using Fleethold.Resources;
using Fleethold.Runtime;

namespace Fleethold.Server.States;

/// <summary>A state whose every write is refused.</summary>
internal sealed class ReadOnlyState(IState inner) : StateDecorator(inner)
{
    private static readonly Fault ReadOnly = new Fault.Denied("only read access is permitted");

    public override ValueTask<Outcome<Resource>> Create(Resource resource, string owner = "", CancellationToken cancellation = default) => new(ReadOnly);

    public override ValueTask<Outcome<Resource>> Update(
        Resource resource, string owner = "", Phase? expectedPhase = Phase.Running, CancellationToken cancellation = default) => new(ReadOnly);

    public override ValueTask<Outcome<Resource>> Teardown(ResourceRef reference, string owner = "", CancellationToken cancellation = default) => new(ReadOnly);

    public override ValueTask<Outcome<Resource>> Destroy(ResourceRef reference, string owner = "", CancellationToken cancellation = default) => new(ReadOnly);
}
