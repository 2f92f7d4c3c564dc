using Fleethold.Conformance.States;
using Fleethold.Runtime;

namespace Fleethold.Conformance.Runtime;

public sealed class SqliteRuntimeTests : RuntimeConformance
{
    private readonly SqliteBackend _backend = new();

    protected override ValueTask<IState> Open(TimeProvider clock) => _backend.Open(clock);

    protected override ValueTask<IState> Reopen(IState state, TimeProvider clock) => _backend.Reopen(state, clock);

    protected override ValueTask Close(IState state) => _backend.Close(state);
}

public sealed class EtcdRuntimeTests : RuntimeConformance
{
    private readonly EtcdBackend _backend = new();

    protected override ValueTask<IState> Open(TimeProvider clock) => _backend.Open(clock);

    protected override ValueTask<IState> Reopen(IState state, TimeProvider clock) => _backend.Reopen(state, clock);

    protected override ValueTask Close(IState state) => _backend.Close(state);
}
