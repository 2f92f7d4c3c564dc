using Fleethold.Testing;

namespace Fleethold.Cli.Tests.Transcripts;

/// <summary>
/// Each get and apply of the recorded omnictl session, given to fhctl against the recorded answers: it must ask the same and print the same.
/// </summary>
[Trait("Category", Vectors.Category)]
public class TranscriptTests
{
    public static TheoryData<int, string> Steps()
    {
        var data = new TheoryData<int, string>();
        if (Directory.Exists(Repository.PathOf("..", "shared", "vectors")))
        {
            foreach (var step in Recording.Steps())
            {
                data.Add(step.Number, step.Name);
            }
        }
        else
        {
            data.Add(0, "no vectors here");
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task A_command_asks_and_prints_what_omnictl_did(int number, string name)
    {
        var step = Recording.Steps().Single(step => step.Number == number);
        Assert.Equal(name, step.Name);
        var state = new ReplayingState(step.Calls);
        await using var host = await StateHost.Start(state);
        var shell = new Shell();
        var folder = Path.GetDirectoryName(Vectors.PathOf("transcripts/steps.jsonl"))!;

        // The session ran where its files were; the paths are mapped there and back.
        var arguments = step.Command[(step.Command.IndexOf("omnictl ", StringComparison.Ordinal) + "omnictl ".Length)..].Split(' ')
            .Select(argument => argument.EndsWith(".yaml", StringComparison.Ordinal) ? Path.Combine(folder, argument) : argument);
        using var interrupt = CancellationTokenSource.CreateLinkedTokenSource(Deadline.Token);
        var run = shell.Run(interrupt.Token, [.. arguments, "--socket", host.Socket]);
        if (step.Command.StartsWith("timeout ", StringComparison.Ordinal))
        {
            await shell.Shows(step.Out.TrimEnd('\n').Split('\n')[^1]);
            await interrupt.CancelAsync();
        }

        var exit = await run;
        Assert.Equal(step.Error, shell.Error.Replace(folder + "/", "", StringComparison.Ordinal));
        Assert.Equal(step.Out, shell.Out.Replace(folder + "/", "", StringComparison.Ordinal));
        Assert.True(KnownDifferences.Exit(step) == exit, $"exit code {exit} instead of {step.Exit}; known: {KnownDifferences.Reasons(step)}");
        Assert.Empty(state.Unexpected);
        Assert.Equal(Enumerable.Range(0, step.Calls.Count), state.Asked.Keys.Order());
        Assert.True(KnownDifferences.Calls(step) == state.Count, $"{state.Count} calls instead of {step.Calls.Count}; known: {KnownDifferences.Reasons(step)}");
    }
}
