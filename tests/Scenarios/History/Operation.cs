using Fleethold.Resources;

namespace Fleethold.Scenarios.History;

/// <summary>What a client asked for.</summary>
internal enum Verb
{
    Get,
    List,
    Create,
    Update,
    Teardown,
    Destroy,
}

/// <summary>
/// One call of one client: when it began and ended on a clock that all clients share and that only counts, and what came back.
/// </summary>
/// <param name="Verb">What was asked for.</param>
/// <param name="Id">Of which resource; empty for a list.</param>
/// <param name="Invoked">When it began.</param>
/// <param name="Returned">When it ended.</param>
/// <param name="Result">The resource that came back; null for a fault or a list.</param>
/// <param name="Listed">What a list gave.</param>
/// <param name="Fault">Why it failed.</param>
internal sealed record Operation(
    Verb Verb, string Id, long Invoked, long Returned, Resource? Result, IReadOnlyList<Resource>? Listed, Fault? Fault)
{
    /// <summary>True when the call changed something, and says so.</summary>
    public bool IsWrite => Fault is null && Verb is Verb.Create or Verb.Update or Verb.Teardown or Verb.Destroy;

    public override string ToString() =>
        $"[{Invoked},{Returned}] {Verb} {Id} -> {Fault?.Message ?? Result?.ToString() ?? $"{Listed?.Count} listed"}";
}
