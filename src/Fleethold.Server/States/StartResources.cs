using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Fleethold.Runtime;
using Fleethold.Server.Host;

namespace Fleethold.Server.States;

/// <summary>The resources that are there at every start (reference/resources.md 3.1): namespaces, definitions of kinds, and the version clients ask for first.</summary>
internal static class StartResources
{
    /// <summary>The version that clients compare with their own; theirs, not ours (design.md 2).</summary>
    public const string BackendVersion = "v1.10.0";

    /// <summary>Without this number omnictl refuses to work.</summary>
    public const uint BackendApiVersion = 3;

    /// <summary>The owner of namespaces and definitions, so that nobody else changes them.</summary>
    private const string MetaOwner = "meta";

    private static readonly string[] Registered =
    [
        Namespaces.Meta,
        Namespaces.Default,
        Namespaces.Ephemeral,
        Namespaces.Virtual,
        Namespaces.External,
        Namespaces.Metrics,
        Namespaces.InfraProvider,
        Namespaces.InfraProviderEphemeral,
    ];

    /// <summary>Makes them; all live in memory, so none is there yet.</summary>
    public static async Task Create(IState state, ServerOptions options, CancellationToken cancellation)
    {
        foreach (var name in Registered)
        {
            var resource = Kinds.Namespaces.New(name, new NamespaceSpec { Description = name });
            _ = (await state.Create(resource, MetaOwner, cancellation)).Value;
        }

        var version = new SysVersionSpec
        {
            BackendVersion = BackendVersion,
            BackendApiVersion = BackendApiVersion,
            InstanceName = options.AccountName,
        };
        _ = (await state.Create(Kinds.SysVersions.New("current", version), cancellation: cancellation)).Value;
    }
}
