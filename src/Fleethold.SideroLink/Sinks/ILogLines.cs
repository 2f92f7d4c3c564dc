namespace Fleethold.SideroLink.Sinks;

/// <summary>Where lines of machines go. Thread-safe; the lines of one caller keep their order.</summary>
public interface ILogLines
{
    /// <summary>Takes a line unless there is no room now.</summary>
    /// <param name="machineId">Whose line.</param>
    /// <param name="line">Raw bytes without a newline; used only during the call.</param>
    bool TryWrite(string machineId, ReadOnlySpan<byte> line);

    /// <summary>Returns when a refused line should be tried again. The connection isn't read meanwhile, so the machine waits too.</summary>
    ValueTask WhenRoom(CancellationToken cancellation);
}
