namespace Fleethold.Storage.Logs;

/// <summary>What is kept of the logs of machines (reference/siderolink.md 8.3).</summary>
public sealed record MachineLogOptions
{
    /// <summary>The name of the database in the data directory.</summary>
    public const string FileName = "machine-logs.db";

    /// <summary>The database file.</summary>
    public required string File { get; init; }

    /// <summary>The most bytes of a line; what is longer is cut.</summary>
    public int LineLimit { get; init; } = 16 * 1024;

    /// <summary>Lines that are kept of a machine; up to <see cref="TrimEvery"/> more until the next trim.</summary>
    public long LinesPerMachine { get; init; } = 5000;

    /// <summary>After how many lines of a machine those above its limit are removed.</summary>
    public long TrimEvery { get; init; } = 100;

    /// <summary>The age at which lines are removed.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromDays(30);

    /// <summary>The time between two clean-ups.</summary>
    public TimeSpan CleanUpInterval { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>The most bytes in use in the database, above which the oldest lines of all machines are removed; 0 for no limit.</summary>
    public long MaxBytes { get; init; }

    /// <summary>Bytes of lines that wait to be written, above which writers must wait.</summary>
    public int QueueBytes { get; init; } = 8 << 20;

    /// <summary>
    /// The ids of the machines that exist, all of them; the lines of others are removed by a clean-up. Null when nobody knows: none is removed then.
    /// </summary>
    public Func<CancellationToken, ValueTask<IReadOnlyCollection<string>>>? ExistingMachines { get; init; }
}
