namespace Fleethold.SideroLink.Provision;

/// <summary>The order of WireGuard endpoints in the answer to a machine (reference/siderolink.md 1.2).</summary>
public static class EndpointOrder
{
    /// <summary>
    /// The first and the last one change places on the wire: the field held one value once, and who reads it as such keeps the last. Those who know
    /// that it holds several change them back, so this function is its own inverse.
    /// </summary>
    public static IReadOnlyList<string> OnTheWire(IReadOnlyList<string> endpoints)
    {
        if (endpoints.Count < 2)
        {
            return endpoints;
        }

        string[] swapped = [.. endpoints];
        (swapped[0], swapped[^1]) = (swapped[^1], swapped[0]);
        return swapped;
    }
}
