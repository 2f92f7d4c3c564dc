using System.Globalization;
using System.Security.Cryptography;

namespace Fleethold.Fuzz.Engine;

/// <summary>A run of a fixed number of mutations, each made from the seed, its number and the corpus alone.</summary>
internal static class BoundedRun
{
    /// <summary>The seed that <c>FLEETHOLD_FUZZ_SEED</c> names, to repeat a run, else a new one.</summary>
    public static ulong Seed { get; } = Environment.GetEnvironmentVariable("FLEETHOLD_FUZZ_SEED") is { Length: > 0 } text
        ? ulong.Parse(text, CultureInfo.InvariantCulture)
        : (ulong)RandomNumberGenerator.GetInt32(int.MaxValue);

    /// <summary>Null when all went well, else what to tell: target, seed, number of the mutation, finding, and the smallest such input in base64.</summary>
    public static string? Run(IFuzzTarget target, ulong seed, int mutations)
    {
        var corpus = Corpus.Load(target);
        var probe = new Probe(target);
        var mutator = new Mutator(target);
        using var watchdog = new Watchdog($"{target.Name}, seed {seed}");
        for (var run = -corpus.Count; run < mutations; run++)
        {
            byte[] input;
            if (run < 0)
            {
                input = corpus[run + corpus.Count];
            }
            else
            {
                var random = new FuzzRandom(seed, (ulong)run);
                input = mutator.Mutate(corpus, ref random);
            }

            watchdog.Enter(input);
            if (probe.Try(input) is { } finding)
            {
                var what = run < 0 ? "an input of the corpus" : $"mutation {run} (FLEETHOLD_FUZZ_SEED={seed} repeats it)";
                var smallest = probe.Minimize(input, finding);
                return $"{target.Name}: {what}\ninput: {Convert.ToBase64String(smallest)}\n{probe.Try(smallest) ?? finding}";
            }
        }

        return null;
    }
}
