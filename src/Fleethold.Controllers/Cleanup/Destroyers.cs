using Fleethold.Resources;
using Fleethold.Runtime.Controllers;

namespace Fleethold.Controllers.Cleanup;

/// <summary>
/// What people tear down goes away by itself once nobody holds it any more: one destroyer for each kind that people manage, and for links
/// (reference/controllers.md 2, "Destroy controller"). Clients that wait and destroy themselves may be faster; then there is nothing left to do.
/// </summary>
public static class Destroyers
{
    /// <summary>One controller a kind.</summary>
    public static IEnumerable<Controller> All =>
        Kinds.All.Where(static kind => kind.IsUserManaged).Append(Kinds.Links).Select(static kind => Controller.Destroyer($"DestroyController[{kind.Type}]", kind));
}
