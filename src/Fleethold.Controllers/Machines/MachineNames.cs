using Fleethold.SideroLink.Provision;

namespace Fleethold.Controllers.Machines;

/// <summary>Labels and annotations of machines that join (reference/siderolink.md 2.1, reference/controllers.md 1.2).</summary>
public static class MachineNames
{
    /// <summary>Label of a machine: its address inside the tunnel.</summary>
    public const string Address = "omni.sidero.dev/address";

    /// <summary>Label of a pending machine, and annotation of its status: a UUID.</summary>
    public const string MachineUuid = "omni.sidero.dev/machine-uuid";

    /// <summary>Annotation of a link: the stored unique token can't be taken over any more, for it is on a disk.</summary>
    public const string ForceValidToken = "siderolink.omni.sidero.dev/force-valid-node-unique-token";

    /// <summary>Annotation of a link and its machine: it came with a unique token.</summary>
    public const string CreatedWithUniqueToken = "omni.sidero.dev/created-with-unique-token";

    /// <summary>Annotation of a pending machine: another machine has its UUID.</summary>
    public const string UuidConflict = "siderolink.omni.sidero.dev/uuid-conflict";

    /// <summary>Annotation of a pending machine: when it last asked.</summary>
    public const string Timestamp = "timestamp";

    /// <summary>Label: the infrastructure provider.</summary>
    public const string Provider = JoinOptions.ProviderLabel;

    /// <summary>Label: the request that a machine was made for.</summary>
    public const string Request = JoinOptions.RequestLabel;

    /// <summary>Label: the set of that request.</summary>
    public const string RequestSet = "omni.sidero.dev/machine-request-set";

    /// <summary>Label of a provider's status: it manages machines that exist, rather than make some.</summary>
    public const string StaticProvider = "omni.sidero.dev/is-static-infra-provider";

    /// <summary>Label of a machine of such a provider.</summary>
    public const string ManagedByStaticProvider = "omni.sidero.dev/is-managed-by-static-infra-provider";

    /// <summary>Label of a machine that was made for one set.</summary>
    public const string NoManualAllocation = "omni.sidero.dev/no-manual-allocation";

    /// <summary>Label of a machine's status: Talos is on its disk.</summary>
    public const string Installed = "omni.sidero.dev/installed";

    /// <summary>The id of the configuration of SideroLink.</summary>
    public const string LinkConfig = "siderolink-config";

    /// <summary>The id of the one that says which join token is the default.</summary>
    public const string DefaultToken = "default";

    /// <summary>The id of the status of a link or pending machine.</summary>
    public static string StatusOf(Fleethold.Resources.Metadata link) => $"{link.Id}/{link.Type}";
}
