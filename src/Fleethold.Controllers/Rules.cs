using Fleethold.Controllers.Cleanup;
using Fleethold.Controllers.Machines;
using Fleethold.Runtime.Controllers;

namespace Fleethold.Controllers;

/// <summary>All business rules of the server. What reads and writes what is drawn in docs/controllers.md.</summary>
public static class Rules
{
    /// <summary>Every controller, of a server that reaches nothing outside its state.</summary>
    public static ControllerSet All { get; } = For(RulePorts.None);

    /// <summary>Every controller. Controllers keep what they know of the ports, so each engine needs a set of its own.</summary>
    public static ControllerSet For(RulePorts ports) => new([.. Destroyers.All, .. MachineRules.All(ports)]);
}
