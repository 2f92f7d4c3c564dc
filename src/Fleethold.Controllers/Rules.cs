using Fleethold.Controllers.Cleanup;
using Fleethold.Runtime.Controllers;

namespace Fleethold.Controllers;

/// <summary>All business rules of the server. What reads and writes what is drawn in docs/controllers.md.</summary>
public static class Rules
{
    /// <summary>Every controller.</summary>
    public static ControllerSet All { get; } = new([.. Destroyers.All]);
}
