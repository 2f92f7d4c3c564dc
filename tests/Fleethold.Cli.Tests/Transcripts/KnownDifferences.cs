namespace Fleethold.Cli.Tests.Transcripts;

/// <summary>Where fhctl differs from the recorded omnictl on purpose, and why.</summary>
internal static class KnownDifferences
{
    /// <summary>124 was printed by the recorder's <c>timeout</c>, which interrupted the watch; the command itself ends well.</summary>
    private const int EndedByRecorder = 124;

    public static int Exit(RecordedStep step) => step.Exit == EndedByRecorder ? 0 : step.Exit;

    public static string Out(RecordedStep step) => step.Out;

    public static string Error(RecordedStep step) => step.Error;
}
