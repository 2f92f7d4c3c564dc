using System.Security.Cryptography;
using Fleethold.Fuzz.Engine;
using Fleethold.Testing;

namespace Fleethold.Fuzz.Coverage;

/// <summary>
/// Runs inside the instrumented copy. Every input that takes a branch, or a branch a number of times, that none took before is built on
/// further; at the end the smallest of those that take branches which no kept input takes are added to the corpus.
/// </summary>
public static class CoverageLoop
{
    /// <summary>Runs the target for so long. Zero, or 1 after a finding, which stands on standard error and as a file under <c>artifacts/fuzz</c>.</summary>
    public static int Run(string name, TimeSpan time)
    {
        // First of all: instrumented code must not run without a map to count in.
        var map = new CoverageMap();
        var target = FuzzTargets.Find(name);
        var (probe, mutator, corpus) = (new Probe(target), new Mutator(target), Corpus.Load(target));
        var known = corpus.Count;
        var seed = (ulong)RandomNumberGenerator.GetInt32(int.MaxValue);
        using var watchdog = new Watchdog($"{name}, coverage run");
        foreach (var input in corpus)
        {
            // The first run may take the branches of a first time.
            probe.Try(input);
            Follow(input);
        }

        if (map.Edges == 0)
        {
            Console.Error.WriteLine($"{name}: nothing was counted, so the code it runs isn't instrumented: see {nameof(InstrumentedContext)}");
            return 1;
        }

        var (first, findings, runs) = (map.Edges, new HashSet<string>(StringComparer.Ordinal), 0UL);
        var start = TimeProvider.System.GetTimestamp();
        for (; TimeProvider.System.GetElapsedTime(start) < time && findings.Count < 10; runs++)
        {
            var random = new FuzzRandom(seed, runs);
            var input = mutator.Mutate(corpus, ref random);
            watchdog.Enter(input);
            map.Clear();
            if (probe.Try(input) is { } finding)
            {
                Report(probe, name, input, finding, findings);
            }
            else if (map.Absorb() != Novelty.None)
            {
                corpus.Add(input);
            }
        }

        var rate = runs / TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        var edges = map.Edges;
        map = new CoverageMap();
        foreach (var input in corpus.Take(known))
        {
            Follow(input);
        }

        var kept = 0;
        foreach (var input in corpus.Skip(known).Where(input => input.Length <= Corpus.MaxFileLength).OrderBy(input => input.Length))
        {
            if (Follow(input) == Novelty.Edge)
            {
                Corpus.Save(Corpus.Folder(target), input);
                kept++;
            }
        }

        Console.WriteLine($"fuzz/{name}: {rate:F0} inputs/s; -; -");
        Console.WriteLine($"fuzz/{name}/edges: {edges} edges; -; -");
        Console.Error.WriteLine($"{name}: {runs} inputs, {first} edges at the start, {edges} now, {kept} new inputs kept, {findings.Count} findings");
        return findings.Count == 0 ? 0 : 1;

        Novelty Follow(byte[] input)
        {
            map.Clear();
            return probe.Try(input) is null ? map.Absorb() : Novelty.None;
        }
    }

    /// <summary>How many edges the corpus of the target takes.</summary>
    public static int CountEdges(string name)
    {
        var map = new CoverageMap();
        var target = FuzzTargets.Find(name);
        var corpus = Corpus.Load(target);
        map.Clear();
        foreach (var input in corpus)
        {
            target.Run(input);
        }

        map.Absorb();
        return map.Edges;
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
