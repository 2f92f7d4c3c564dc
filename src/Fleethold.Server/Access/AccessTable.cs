using System.Collections.Frozen;
using Fleethold.Resources.Wire.Management;

namespace Fleethold.Server.Access;

/// <summary>What may be done at one endpoint by those who come through one door.</summary>
internal enum AccessDecision
{
    /// <summary>The endpoint isn't served at this door.</summary>
    NotServed,

    /// <summary>Somebody must have signed in.</summary>
    SignInNeeded,

    /// <summary>Only an infrastructure provider may; anybody else may only read.</summary>
    ProvidersOnly,

    /// <summary>Allowed; what is seen depends on the caller.</summary>
    Allowed,
}

/// <summary>
/// The one place that decides who may call what: for each endpoint, by door. An endpoint that isn't here is refused everywhere, and a test
/// finds it (design.md decision 8).
/// </summary>
internal static class AccessTable
{
    private static readonly FrozenDictionary<string, AccessDecision[]> Rules = Build();

    /// <summary>The decision for an endpoint at a door; null when nobody has decided.</summary>
    /// <param name="endpoint">The full gRPC method (<c>/package.Service/Method</c>) or the route.</param>
    /// <param name="door">Where the caller came in.</param>
    public static AccessDecision? Find(string endpoint, Door door) => Rules.TryGetValue(endpoint, out var rule) ? rule[(int)door] : null;

    private static FrozenDictionary<string, AccessDecision[]> Build()
    {
        var rules = new Dictionary<string, AccessDecision[]>(StringComparer.Ordinal);
        void Add(string endpoint, AccessDecision atPublic, AccessDecision atLocalReader, AccessDecision atLocalSocket, AccessDecision atMetrics) =>
            rules.Add(endpoint, [atPublic, atLocalReader, atLocalSocket, atMetrics]);

        foreach (var read in (string[])["Get", "List", "Watch"])
        {
            Add($"/cosi.resource.State/{read}", AccessDecision.SignInNeeded, AccessDecision.Allowed, AccessDecision.Allowed, AccessDecision.NotServed);
        }

        foreach (var write in (string[])["Create", "Update", "Destroy", "Teardown", "TeardownAndDestroy"])
        {
            Add($"/cosi.resource.State/{write}", AccessDecision.SignInNeeded, AccessDecision.ProvidersOnly, AccessDecision.Allowed, AccessDecision.NotServed);
        }

        // Of these, only what programs on this machine need is served to them, and that is the resources.
        foreach (var method in ManagementService.Descriptor.Methods)
        {
            Add($"/{ManagementService.Descriptor.FullName}/{method.Name}", AccessDecision.SignInNeeded, AccessDecision.NotServed, AccessDecision.Allowed, AccessDecision.NotServed);
        }

        Add("/healthz", AccessDecision.Allowed, AccessDecision.Allowed, AccessDecision.Allowed, AccessDecision.Allowed);
        Add("/readyz", AccessDecision.Allowed, AccessDecision.Allowed, AccessDecision.Allowed, AccessDecision.Allowed);
        Add("/metrics", AccessDecision.NotServed, AccessDecision.NotServed, AccessDecision.NotServed, AccessDecision.Allowed);

        // What isn't there: the answer that it isn't is for everybody.
        Add("/{**path}", AccessDecision.Allowed, AccessDecision.Allowed, AccessDecision.Allowed, AccessDecision.Allowed);
        return rules.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
