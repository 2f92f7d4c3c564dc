namespace Fleethold.SideroLink.Provision;

/// <summary>What a machine must know to join.</summary>
public sealed record JoinOptions
{
    /// <summary>The label of the infrastructure provider that a machine belongs to.</summary>
    public const string ProviderLabel = "omni.sidero.dev/infra-provider-id";

    /// <summary>The label of the request that a machine was made for.</summary>
    public const string RequestLabel = "omni.sidero.dev/machine-request";

    /// <summary>The URL that machines register at.</summary>
    public string MachineApiUrl { get; init; } = "";

    /// <summary>The join token, in any form.</summary>
    public string Token { get; init; } = "";

    /// <summary>The TCP port of the event sink on the server's tunnel address; 0 for none.</summary>
    public int EventSinkPort { get; init; }

    /// <summary>The TCP port of the log receiver on the server's tunnel address; 0 for none.</summary>
    public int LogServerPort { get; init; }

    /// <summary>The machine asks for WireGuard over gRPC.</summary>
    public bool UseGrpcTunnel { get; init; }

    /// <summary>The machine has the URL already: only the event sink and the log receiver are told.</summary>
    public bool WithoutMachineApi { get; init; }

    /// <summary>Labels of the machine's link, signed into the token: <see cref="ProviderLabel"/>, <see cref="RequestLabel"/>; null for none.</summary>
    public IReadOnlyDictionary<string, string>? ExtraData { get; init; }

    /// <summary>The form of a token with such labels.</summary>
    public JoinTokenVersion TokenVersion { get; init; } = JoinTokenVersion.V2;

    /// <summary>What the machine must trust before it can register; null where public roots suffice.</summary>
    public TrustedRoots? TrustedRoots { get; init; }
}
