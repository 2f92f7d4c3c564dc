using System.Security.Cryptography;
using Fleethold.Fuzz.Engine;
using Fleethold.Testing;

namespace Fleethold.Fuzz.Coverage;

/// <summary>Runs inside the instrumented copy: keeps every input that takes a branch, or a branch a number of times, that none took before.</summary>
public static class CoverageLoop
{
    /// <summary>Runs the target for so long. Zero, or 1 after a finding, which stands on standard error and as a file under <c>artifacts/fuzz</c>.</summary>
    public static int Run(string name, TimeSpan time)
    {
        var target = FuzzTargets.Find(name);
        var (probe, mutator, corpus) = (new Probe(target), new Mutator(target), Corpus.Load(target));
        var map = new CoverageMap();
        var known = corpus.Select(Convert.ToHexString).ToHashSet(StringComparer.Ordinal);
        var seed = (ulong)RandomNumberGenerator.GetInt32(int.MaxValue);
        using var watchdog = new Watchdog($"{name}, coverage run");
        foreach (var input in corpus)
        {
            probe.Try(input);
            map.Clear();
            probe.Try(input);
            map.Absorb();
        }

        var (first, kept, findings, runs) = (map.Edges, 0, new HashSet<string>(StringComparer.Ordinal), 0UL);
        var start = TimeProvider.System.GetTimestamp();
        for (; TimeProvider.System.GetElapsedTime(start) < time && findings.Count < 10; runs++)
        {
            var random = new FuzzRandom(seed, runs);
            var input = mutator.Mutate(corpus, ref random);
            watchdog.Enter(input);
            map.Clear();
            var finding = probe.Try(input);
            if (finding is not null)
            {
                Report(probe, name, input, finding, findings);
            }
            else if (map.Absorb() && known.Add(Convert.ToHexString(input)))
            {
                corpus.Add(input);
                if (input.Length <= Corpus.MaxFileLength)
                {
                    Corpus.Save(Corpus.Folder(target), input);
                    kept++;
                }
            }
        }

        var rate = runs / TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        Console.WriteLine($"fuzz/{name}: {rate:F0} inputs/s; -; -");
        Console.WriteLine($"fuzz/{name}/edges: {map.Edges} edges; -; -");
        Console.Error.WriteLine($"{name}: {runs} inputs, edges {first} at the start, {map.Edges} now, {kept} new corpus entries, {findings.Count} findings");
        return findings.Count == 0 ? 0 : 1;
    }

    private static void Report(Probe probe, string name, byte[] input, string finding, HashSet<string> findings)
    {
        // The place tells findings apart.
        if (!findings.Add(string.Join('\n', finding.Split('\n').Where(line => line.StartsWith("   at ", StringComparison.Ordinal)).Take(2))))
        {
            return;
        }

        var smallest = probe.Minimize(input, finding);
        var path = Corpus.Save(Repository.PathOf("artifacts", "fuzz", name), smallest);
        Console.Error.WriteLine($"{name}: a finding, kept as {path}\ninput: {Convert.ToBase64String(smallest)}\n{probe.Try(smallest) ?? finding}");
    }
}
