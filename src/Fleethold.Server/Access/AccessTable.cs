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
        void Add(
            string endpoint,
            AccessDecision atPublic = AccessDecision.NotServed,
            AccessDecision atLocalReader = AccessDecision.NotServed,
            AccessDecision atLocalSocket = AccessDecision.NotServed,
            AccessDecision atMetrics = AccessDecision.NotServed,
            AccessDecision atMachines = AccessDecision.NotServed,
            AccessDecision atTunnel = AccessDecision.NotServed) =>
            rules.Add(endpoint, [atPublic, atLocalReader, atLocalSocket, atMetrics, atMachines, atTunnel]);

        foreach (var read in (string[])["Get", "List", "Watch"])
        {
            Add($"/cosi.resource.State/{read}", AccessDecision.SignInNeeded, AccessDecision.Allowed, AccessDecision.Allowed);
        }

        foreach (var write in (string[])["Create", "Update", "Destroy", "Teardown", "TeardownAndDestroy"])
        {
            Add($"/cosi.resource.State/{write}", AccessDecision.SignInNeeded, AccessDecision.ProvidersOnly, AccessDecision.Allowed);
        }

        // Of these, only what programs on this machine need is served to them, and that is the resources.
        foreach (var method in ManagementService.Descriptor.Methods)
        {
            Add($"/{ManagementService.Descriptor.FullName}/{method.Name}", AccessDecision.SignInNeeded, AccessDecision.NotServed, AccessDecision.Allowed);
        }

        // Machines that join show their tokens in the message; nothing in the transport says who they are (reference/siderolink.md 1).
        foreach (var join in (string[])["/sidero.link.ProvisionService/Provision", "/sidero.link.WireGuardOverGRPCService/CreateStream"])
        {
            Add(join, atPublic: AccessDecision.Allowed, atMachines: AccessDecision.Allowed);
        }

        // The tunnel has proved which machine an address is (reference/siderolink.md 9); nobody else may say anything in its name.
        Add("/events.EventSinkService/Publish", atTunnel: AccessDecision.Allowed);

        foreach (var health in (string[])["/healthz", "/readyz"])
        {
            Add(health, AccessDecision.Allowed, AccessDecision.Allowed, AccessDecision.Allowed, AccessDecision.Allowed);
        }

        Add("/metrics", atMetrics: AccessDecision.Allowed);

        // What isn't there: the answer that it isn't is for everybody.
        Add(
            "/{**path}",
            AccessDecision.Allowed,
            AccessDecision.Allowed,
            AccessDecision.Allowed,
            AccessDecision.Allowed,
            AccessDecision.Allowed,
            AccessDecision.Allowed);
        return rules.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
