namespace Fleethold.Server.Configuration.Table;

/// <summary>The keys below <c>logs:</c>.</summary>
internal static class LogKeys
{
    private const string Audit = "logs.audit.enabled";
    private const string Stripe = "logs.stripe.enabled";

    public static IReadOnlyList<ConfigurationKey> All { get; } =
    [
        new("logs.level", "--log-level", KeyType.Text, null, Feature.Logs, "least level of what is logged; info if empty")
        { Values = ["debug", "info", "warn", "error"] },
        new("logs.format", "--log-format", KeyType.Text, null, Feature.Logs, "form of log lines; json if empty")
        { Values = ["text", "json"], OwnDefault = "text" },
        new("logs.machine.storage.sqliteTimeout", "--machine-log-sqlite-timeout", KeyType.Duration, "30s", Feature.MachineLogs,
            "longest database call of the log store")
        { Asks = Asks.NeverButWarns, NoEffect = "one writer stores machine logs and waits for nobody" },
        new("logs.machine.storage.cleanupInterval", "--machine-log-cleanup-interval", KeyType.Duration, "30m0s", Feature.MachineLogs,
            "time between two clean-ups of machine logs"),
        new("logs.machine.storage.cleanupOlderThan", "--machine-log-cleanup-older-than", KeyType.Duration, "720h0m0s", Feature.MachineLogs,
            "age at which machine logs are removed"),
        new("logs.machine.storage.maxLinesPerMachine", "--machine-log-max-lines-per-machine", KeyType.Integer, "5000", Feature.MachineLogs,
            "lines kept per machine"),
        new("logs.machine.storage.maxSize", "--machine-log-max-size", KeyType.Integer, "0", Feature.MachineLogs,
            "most bytes of machine logs; 0 for no limit"),
        new("logs.machine.storage.cleanupProbability", "--machine-log-cleanup-probability", KeyType.Share, "0.01", Feature.MachineLogs,
            "chance that a write cleans up")
        { IsHidden = true },
        new("logs.machine.ingestionRateLimitBytesPerSecond", "--machine-log-ingestion-rate-limit-bps", KeyType.Integer, "0",
            Feature.MachineLogs, "limit of logs per machine in bytes per second; 0 for none"),
        new("logs.machine.ingestionRateBurstBytes", "--machine-log-ingestion-rate-burst-bytes", KeyType.Integer, "0", Feature.MachineLogs,
            "burst above that limit in bytes"),
        new(Audit, "--audit-log-enabled", KeyType.Switch, "true", Feature.AuditLog, "record who changed what"),
        new("logs.audit.sqliteTimeout", "--audit-log-sqlite-timeout", KeyType.Duration, "30s", Feature.AuditLog,
            "longest database call of the audit log")
        { Gate = Audit },
        new("logs.audit.retentionPeriod", "--audit-log-retention-period", KeyType.Duration, "720h0m0s", Feature.AuditLog,
            "age at which audit records are removed")
        { Gate = Audit },
        new("logs.audit.maxSize", "--audit-log-max-size", KeyType.Integer, "0", Feature.AuditLog, "most bytes of audit records; 0 for no limit")
        { Gate = Audit },
        new("logs.audit.cleanupProbability", "--audit-log-cleanup-probability", KeyType.Share, "0.01", Feature.AuditLog,
            "chance that a write cleans up")
        { Gate = Audit, IsHidden = true },
        new("logs.resourceLogger.logLevel", "--log-resource-updates-log-level", KeyType.Text, "info", Feature.ResourceLogger,
            "level at which changes of resources are logged"),
        new("logs.resourceLogger.types", "--log-resource-updates-types", KeyType.List, null, Feature.ResourceLogger,
            "resource types whose changes are logged; those that users manage if empty"),
        new(Stripe, "--enable-stripe-reporting", KeyType.Switch, null, Feature.Billing, "report the number of machines to Stripe"),
        new("logs.stripe.minCommit", "--stripe-minimum-commit", KeyType.Integer, null, Feature.Billing, "least number of machines to report")
        { Gate = Stripe },
    ];
}
