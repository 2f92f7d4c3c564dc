using Fleethold.Runtime;
using Fleethold.Runtime.States;

namespace Fleethold.Conformance.Runtime;

public sealed class MemoryRuntimeTests : RuntimeConformance
{
    protected override ValueTask<IState> Open(TimeProvider clock) => new(ResourceState.InMemory(clock));

    protected override ValueTask Close(IState state) => ((ResourceState)state).DisposeAsync();
}
