namespace Fleethold.Architecture;

/// <summary>Which project may refer to which. What isn't listed is forbidden.</summary>
internal static class DependencyRules
{
    private static readonly string[] Nothing = [];

    /// <summary>The projects that each project under src/ may refer to.</summary>
    public static IReadOnlyDictionary<string, string[]> Allowed { get; } = new Dictionary<string, string[]>
    {
        ["Fleethold.Resources"] = Nothing,
        ["Fleethold.Runtime"] = ["Fleethold.Resources"],
        ["Fleethold.Storage"] = ["Fleethold.Resources", "Fleethold.Runtime"],
        ["Fleethold.SideroLink"] = ["Fleethold.Resources"],
        ["Fleethold.Talos"] = ["Fleethold.Resources"],
        ["Fleethold.Images"] = ["Fleethold.Resources"],
        ["Fleethold.Controllers"] =
            ["Fleethold.Resources", "Fleethold.Runtime", "Fleethold.SideroLink", "Fleethold.Talos", "Fleethold.Images"],
        ["Fleethold.Server"] =
        [
            "Fleethold.Resources", "Fleethold.Runtime", "Fleethold.Storage", "Fleethold.SideroLink", "Fleethold.Talos",
            "Fleethold.Images", "Fleethold.Controllers",
        ],
        ["Fleethold.Cli"] = ["Fleethold.Resources", "Fleethold.SideroLink", "Fleethold.Talos", "Fleethold.Images"],
        ["Fleethold.Simulator"] = ["Fleethold.Resources", "Fleethold.SideroLink", "Fleethold.Talos", "Fleethold.Images"],
    };

    private static readonly Dictionary<string, string> Reasons = new()
    {
        ["Fleethold.Resources"] = "it is the vocabulary of all others and does no I/O; what it needs must move into it",
        ["Fleethold.Runtime"] = "the state contract and the engine know resources only; backends and rules plug in from outside",
        ["Fleethold.Storage"] = "a backend sees the state contract only: it must work under any controllers and any server",
        ["Fleethold.SideroLink"] = "tunnels, Talos, images and storage never see each other; Controllers joins them by their ports",
        ["Fleethold.Talos"] = "tunnels, Talos, images and storage never see each other; Controllers joins them by their ports",
        ["Fleethold.Images"] = "tunnels, Talos, images and storage never see each other; Controllers joins them by their ports",
        ["Fleethold.Controllers"] = "business rules are pure: no store, no server, no sockets; they see state and ports",
        ["Fleethold.Server"] = "it composes the product's libraries; tools for people and simulated machines stay outside",
        ["Fleethold.Cli"] = "it speaks to servers only by the public API, so it never sees their inside",
        ["Fleethold.Simulator"] = "it plays the machines, so it sees of the server only what is on the wire",
    };

    /// <summary>The forbidden edges among the given ones, each with its reason.</summary>
    public static IEnumerable<string> Violations(IEnumerable<(string From, string To)> edges)
    {
        foreach (var (from, to) in edges)
        {
            if (!Allowed.TryGetValue(from, out var allowed))
            {
                yield return $"{from} is not one of the projects of the layout: give it a row in DependencyRules with a reason, or a folder in an existing project";
            }
            else if (!allowed.Contains(to))
            {
                yield return $"{from} must not refer to {to}: {Reasons[from]}";
            }
        }
    }
}
