using Fleethold.Server.Configuration.Table;

namespace Fleethold.Server.Configuration;

/// <summary>What reading a configuration gave.</summary>
/// <param name="Configuration">The configuration; null when there is any problem.</param>
/// <param name="Problems">Everything that is wrong, in one go.</param>
/// <param name="Warnings">What works, but not as somebody may think.</param>
/// <param name="Operands">What on the command line wasn't a flag.</param>
/// <param name="WantsHelp">Help was asked for; nothing else counts then.</param>
internal sealed record ConfigurationReport(
    ServerConfiguration? Configuration,
    IReadOnlyList<Problem> Problems,
    IReadOnlyList<Problem> Warnings,
    IReadOnlyList<string> Operands,
    bool WantsHelp)
{
    /// <summary>There is no problem.</summary>
    public bool IsValid => Problems.Count == 0;

    /// <summary>All problems and warnings as lines for a terminal, and a last line that sums up.</summary>
    public IEnumerable<string> Lines()
    {
        foreach (var problem in Problems)
        {
            yield return $"error: {problem}";
        }

        foreach (var warning in Warnings)
        {
            yield return $"warning: {warning}";
        }

        var defaults = Configuration?.Defaults == Defaults.Omni ? "Omni's defaults" : "Fleethold's defaults";
        yield return IsValid
            ? $"the configuration is valid ({Count(Warnings.Count, "warning")}, {defaults})"
            : $"the configuration can't be used: {Count(Problems.Count, "problem")}, {Count(Warnings.Count, "warning")}";
    }

    private static string Count(int count, string what) => count == 1 ? $"1 {what}" : $"{count} {what}s";
}
