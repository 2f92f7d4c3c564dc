using System.Diagnostics;

namespace Fleethold.Bench.Load;

/// <summary>Writers that share some connections to one server, kept from round to round.</summary>
internal sealed class LoadGroup : IDisposable
{
    private const int WritersPerConnection = 64;

    private readonly (LeanConnection Connection, ILoadWriter[] Writers)[] _parts;

    /// <summary>Opens the connections: one for each 64 writers.</summary>
    public LoadGroup(string socketPath, IEnumerable<ILoadWriter> writers) =>
        _parts = [.. writers.Chunk(WritersPerConnection).Select(part => (new LeanConnection(socketPath), part))];

    /// <summary>Acknowledged writes per second of all writers together.</summary>
    public async Task<double> Run(TimeSpan length)
    {
        var start = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(_parts.Select(part =>
            Task.Factory.StartNew(() => part.Connection.Run(part.Writers, start, length), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        return counts.Sum() / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (connection, _) in _parts)
        {
            connection.Dispose();
        }
    }
}
