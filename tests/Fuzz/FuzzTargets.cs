using Fleethold.Fuzz.Targets;

namespace Fleethold.Fuzz;

/// <summary>All targets.</summary>
public static class FuzzTargets
{
    /// <summary>One for each parser that reads what strangers send.</summary>
    public static IReadOnlyList<IFuzzTarget> All { get; } =
    [
        new ConfigurationTarget(),
        new IdQueryTarget(),
        new JoinTokenTarget(),
        new LabelQueryWireTarget(),
        new LabelSelectorTarget(),
        new LogLineTarget(),
        new NodeUniqueTokenTarget(),
        new ProvisionRequestTarget(),
        new ResourceJsonTarget(),
        new ResourceWireTarget(),
        new ResourceYamlTarget(),
        new StateApiTarget(),
        new TunnelFrameTarget(),
        new WireGuardTarget(),
    ];

    /// <summary>The target of this name.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists those that there are.</exception>
    public static IFuzzTarget Find(string name) => All.FirstOrDefault(target => target.Name == name)
        ?? throw new ArgumentException($"no fuzz target '{name}'; there are: {string.Join(", ", All.Select(target => target.Name))}");
}
