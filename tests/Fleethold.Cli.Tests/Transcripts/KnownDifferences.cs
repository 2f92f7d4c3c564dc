namespace Fleethold.Cli.Tests.Transcripts;

/// <summary>Where fhctl differs from the recorded omnictl on purpose.</summary>
internal static class KnownDifferences
{
    /// <summary>A difference: what it concerns, why it is meant, and whether it concerns a step.</summary>
    private sealed record Difference(string Reason, Func<RecordedStep, bool> Concerns, Func<int, int>? Exit = null, int CallsLeftOut = 0);

    private static readonly Difference[] Table =
    [
        new(
            "exit code 124 is that of the recorder's `timeout`, which interrupted the watch; an interrupted watch has done what it was asked for",
            step => step.Command.StartsWith("timeout ", StringComparison.Ordinal),
            Exit: _ => 0),
        new(
            "omnictl asks for SysVersions twice, once for its check of the API and once for the notifications; one answer is enough",
            _ => true,
            CallsLeftOut: 1),
    ];

    /// <summary>The exit code that fhctl must have.</summary>
    public static int Exit(RecordedStep step) =>
        Table.Where(difference => difference.Concerns(step)).Aggregate(step.Exit, (exit, difference) => difference.Exit?.Invoke(exit) ?? exit);

    /// <summary>How many calls fhctl must make.</summary>
    public static int Calls(RecordedStep step) => step.Calls.Count - Table.Where(difference => difference.Concerns(step)).Sum(difference => difference.CallsLeftOut);

    /// <summary>The reasons, shown when a step differs in another way.</summary>
    public static string Reasons(RecordedStep step) =>
        string.Join("; ", Table.Where(difference => difference.Concerns(step)).Select(difference => difference.Reason));
}
