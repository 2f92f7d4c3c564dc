namespace Fleethold.Resources;

/// <summary>The namespaces and what backs them (reference/resources.md 3.1).</summary>
public static class Namespaces
{
    /// <summary>Everything persistent that people and controllers write.</summary>
    public const string Default = "default";

    /// <summary>Kept in memory, lost at restart.</summary>
    public const string Ephemeral = "ephemeral";

    /// <summary>Persistent, frequently written, expendable.</summary>
    public const string Metrics = "metrics";

    /// <summary>Computed when read.</summary>
    public const string Virtual = "virtual";

    /// <summary>Listings of stores outside, read only.</summary>
    public const string External = "external";

    /// <summary>Persistent; what infrastructure providers and we exchange.</summary>
    public const string InfraProvider = "infra-provider";

    /// <summary>Heartbeats of infrastructure providers, in memory.</summary>
    public const string InfraProviderEphemeral = "infra-provider-ephemeral";

    /// <summary>Prefix of the persistent namespaces that each provider has for itself, followed by its id.</summary>
    public const string InfraProviderPrefix = "infra-provider:";

    /// <summary>Definitions of namespaces and kinds, in memory, made at start.</summary>
    public const string Meta = "meta";

    /// <summary>Keys of our OIDC issuer.</summary>
    public const string Oidc = "oidc";

    /// <summary>
    /// True when resources of a namespace outlive the process. A namespace nobody knows is persistent, as upstream has it.
    /// </summary>
    public static bool IsPersistent(string name) => name is not (Ephemeral or InfraProviderEphemeral or Meta or Virtual or External);
}
