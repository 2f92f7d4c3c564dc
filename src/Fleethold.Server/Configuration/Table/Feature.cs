namespace Fleethold.Server.Configuration.Table;

/// <summary>What a key belongs to, and whether this version has it. Who builds a feature flips its <see cref="IsThere"/>.</summary>
/// <param name="Name">The name in messages: "{Name} isn't there yet in this version".</param>
/// <param name="IsThere">Values of its keys take effect; otherwise keys that ask for it are refused.</param>
internal sealed record Feature(string Name, bool IsThere)
{
    /// <summary>For a feature that we won't have: what to do instead. Null for one that only isn't there yet.</summary>
    public string? Instead { get; init; }

    public static readonly Feature Account = new("the account", true);
    public static readonly Feature Edge = new("the API listener", true);
    public static readonly Feature Metrics = new("the metrics listener", true);
    public static readonly Feature LocalResources = new("the local resource service", true);
    public static readonly Feature Logs = new("logging", true);
    public static readonly Feature Storage = new("storage", true);
    public static readonly Feature SideroLink = new("SideroLink", true);
    public static readonly Feature Vault = new("Vault as a source of keys", true);

    public static readonly Feature Registration = new("registration of machines", true);
    public static readonly Feature KubernetesProxy = new("the Kubernetes proxy", false);
    public static readonly Feature Discovery = new("the embedded discovery service", false);
    public static readonly Feature LoadBalancer = new("the load balancer of clusters", false);
    public static readonly Feature WorkloadProxy = new("the proxy of exposed services", false);
    public static readonly Feature Auth0 = new("sign-in with Auth0", false);
    public static readonly Feature Saml = new("sign-in with SAML", false);
    public static readonly Feature Oidc = new("sign-in with OIDC", false);
    public static readonly Feature WebAuthn = new("sign-in with passkeys", false);
    public static readonly Feature Users = new("sign-in of users", false);
    public static readonly Feature ServiceAccounts = new("the initial service account", false);
    public static readonly Feature Suspension = new("suspension of an account", false);
    public static readonly Feature MachineLogs = new("the store of machine logs", true);
    public static readonly Feature AuditLog = new("the audit log", false);
    public static readonly Feature ResourceLogger = new("the log of resource changes", false);
    public static readonly Feature TableStatistics = new("the statistics of database tables", false);
    public static readonly Feature WriteLimits = new("the limit of writes per actor", false);
    public static readonly Feature ClusterBackups = new("backup of clusters", false);
    public static readonly Feature Images = new("image factory support", false);
    public static readonly Feature Upgrades = new("the catalog of Talos and Kubernetes versions", false);
    public static readonly Feature BreakGlass = new("break-glass access", false);
    public static readonly Feature MachineConfigs = new("generation of machine configurations", false);
    public static readonly Feature Import = new("import of clusters", false);
    public static readonly Feature HelpDialog = new("the help dialog", false);

    public static readonly Feature Analytics = new("third-party analytics", false)
    { Instead = "remove the key: Fleethold sends nothing about its users to anybody" };

    public static readonly Feature Billing = new("Stripe reporting", false)
    { Instead = "remove the key or set it to false: Fleethold has no license to bill" };

    public static readonly Feature UiProxy = new("the proxy to a development server", false)
    { Instead = "remove the key: the web pages are part of the server" };

    public static readonly Feature Pprof = new("pprof", false)
    { Instead = "remove the key: the tools dotnet-trace and dotnet-counters attach to a running server" };
}
