namespace Fleethold.Server.Configuration;

/// <summary>What is taken and kept of the logs of machines (reference/siderolink.md 8.3).</summary>
internal sealed record MachineLogSettings
{
    private const string Section = "logs.machine";

    /// <summary>The time between two clean-ups.</summary>
    public TimeSpan CleanUpInterval { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>The age at which lines are removed.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Lines that are kept of a machine.</summary>
    public long LinesPerMachine { get; init; } = 5000;

    /// <summary>The most bytes of all lines; 0 for no limit.</summary>
    public long MaxBytes { get; init; }

    /// <summary>After how many lines of a machine those above its limit are removed: the inverse of the configured chance.</summary>
    public long TrimEvery { get; init; } = 100;

    /// <summary>Bytes per second that one machine may send; 0 for no limit.</summary>
    public long BytesPerSecond { get; init; }

    /// <summary>Bytes that one machine may send at once; 0 for those of one second.</summary>
    public long Burst { get; init; }

    /// <summary>Makes them from values that passed every check.</summary>
    public static MachineLogSettings Bind(Settings settings)
    {
        var chance = (double)settings.Value(Section + ".storage.cleanupProbability")!;
        return new MachineLogSettings
        {
            CleanUpInterval = settings.Duration(Section + ".storage.cleanupInterval"),
            MaxAge = settings.Duration(Section + ".storage.cleanupOlderThan"),
            LinesPerMachine = (long)settings.Value(Section + ".storage.maxLinesPerMachine")!,
            MaxBytes = (long)settings.Value(Section + ".storage.maxSize")!,
            TrimEvery = chance > 0 ? (long)double.Min(1 / chance, long.MaxValue) : long.MaxValue,
            BytesPerSecond = (long)settings.Value(Section + ".ingestionRateLimitBytesPerSecond")!,
            Burst = (long)settings.Value(Section + ".ingestionRateBurstBytes")!,
        };
    }
}
