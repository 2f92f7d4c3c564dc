using Fleethold.Resources;
using Fleethold.Runtime;

namespace Fleethold.Bench.Load;

/// <summary>Writes to a state in this process, without gRPC.</summary>
internal sealed class StateWriter(IState state, string name, Payload payload) : IWriter
{
    private long _written;
    private Resource? _last;

    /// <inheritdoc/>
    public async Task Write(CancellationToken cancellation)
    {
        var number = _written++;
        var spec = BenchResources.SpecBytes(payload, number);
        _last = number % 4 == 0
            ? (await state.Create(Kinds.ConfigPatches.Wrap(new(Kinds.ConfigPatches.Named($"{name}-{number / 4}")), spec), cancellation: cancellation)).Value
            : (await state.Update(Kinds.ConfigPatches.Wrap(_last!.Metadata, spec), cancellation: cancellation)).Value;
    }
}
