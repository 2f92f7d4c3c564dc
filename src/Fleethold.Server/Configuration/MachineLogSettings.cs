namespace Fleethold.Server.Configuration;

/// <summary>What is taken and kept of the logs of machines (reference/siderolink.md 8.3).</summary>
internal sealed record MachineLogSettings
{
    /// <summary>Lines that are kept of a machine.</summary>
    public long LinesPerMachine { get; init; } = 5000;

    /// <summary>The age at which lines are removed.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromDays(30);

    /// <summary>The time between two clean-ups.</summary>
    public TimeSpan CleanUpInterval { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>The most bytes of all lines; 0 for no limit.</summary>
    public long MaxBytes { get; init; }

    /// <summary>Bytes per second that one machine may send; 0 for no limit.</summary>
    public long BytesPerSecond { get; init; }

    /// <summary>Bytes that one machine may send at once; 0 for those of one second.</summary>
    public long BurstBytes { get; init; }

    /// <summary>The settings that values mean which passed every check.</summary>
    public static MachineLogSettings Bind(Settings settings) => new()
    {
        LinesPerMachine = Number(settings, "logs.machine.storage.maxLinesPerMachine"),
        MaxAge = settings.Duration("logs.machine.storage.cleanupOlderThan"),
        CleanUpInterval = settings.Duration("logs.machine.storage.cleanupInterval"),
        MaxBytes = Number(settings, "logs.machine.storage.maxSize"),
        BytesPerSecond = Number(settings, "logs.machine.ingestionRateLimitBytesPerSecond"),
        BurstBytes = Number(settings, "logs.machine.ingestionRateBurstBytes"),
    };

    private static long Number(Settings settings, string path) => settings.Value(path) as long? ?? 0;
}
