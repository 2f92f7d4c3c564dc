using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Fleethold.Runtime;

namespace Fleethold.Server.States;

/// <summary>The resources that are there at every start (reference/resources.md 3.1): namespaces, definitions of kinds, and the version clients ask for first.</summary>
internal static class StartResources
{
    /// <summary>The version that clients compare with their own; theirs, not ours (design.md 2).</summary>
    public const string BackendVersion = "v1.10.0";

    /// <summary>Without this number omnictl refuses to work.</summary>
    public const uint BackendApiVersion = 3;

    /// <summary>Makes them; all live in memory, so none is there yet.</summary>
    public static async Task Create(IState state, string accountName, TimeProvider clock, CancellationToken cancellation)
    {
        var now = Instant.Now(clock);
        foreach (var resource in KindDefinition.AllNamespaces().Concat<Resource>(KindDefinition.All()))
        {
            _ = (await state.Create(resource.With(resource.Metadata.WrittenAt(now)), KindDefinition.Owner, cancellation)).Value;
        }

        var version = new SysVersionSpec
        {
            BackendVersion = BackendVersion,
            BackendApiVersion = BackendApiVersion,
            InstanceName = accountName,
        };
        var current = Kinds.SysVersions.New("current", version);
        _ = (await state.Create(current.With(current.Metadata.WrittenAt(now)), cancellation: cancellation)).Value;
    }
}
