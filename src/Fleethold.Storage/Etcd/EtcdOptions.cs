namespace Fleethold.Storage.Etcd;

/// <summary>How an existing etcd cluster is reached and used (v3 API).</summary>
public sealed record EtcdOptions
{
    /// <summary>The members, for example <c>https://10.0.0.1:2379</c>; they are tried in turn.</summary>
    public required IReadOnlyList<Uri> Endpoints { get; init; }

    /// <summary>The account; several servers may share a cluster under different ones. All keys are below <c>/fleethold/ACCOUNT/</c>, URL path escaped.</summary>
    public required string Account { get; init; }

    /// <summary>PEM file with the certificates that sign the members' certificates; null for those of the system.</summary>
    public string? CaFile { get; init; }

    /// <summary>PEM file with the client certificate; null for none.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>PEM file with the key of the client certificate.</summary>
    public string? KeyFile { get; init; }

    /// <summary>How long the leader lock outlives a server that died. Whole seconds.</summary>
    public TimeSpan LeaseTime { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a start waits for the lock of another server.</summary>
    public TimeSpan LockWait { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long one request may take before it is tried again.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a request is tried again while the cluster is away.</summary>
    public TimeSpan RetryFor { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Operations per transaction; not more than the cluster's <c>--max-txn-ops</c>.</summary>
    public int MostOperations { get; init; } = 128;

    /// <summary>Bytes per transaction; below the cluster's <c>--max-request-bytes</c> (1.5 MiB).</summary>
    public int MostBytes { get; init; } = 1_400_000;
}
