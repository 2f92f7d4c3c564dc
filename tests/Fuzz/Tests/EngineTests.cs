using Fleethold.Fuzz.Engine;

namespace Fleethold.Fuzz.Tests;

/// <summary>The engine finds what it should: without these, a run that brings nothing would mean nothing.</summary>
public class EngineTests
{
    [Fact]
    public void A_crash_is_found_made_small_and_repeated_by_its_seed()
    {
        var finding = BoundedRun.Run(new Crashing(), seed: 7, mutations: 50_000);

        Assert.NotNull(finding);
        Assert.Contains("FLEETHOLD_FUZZ_SEED=7", finding, StringComparison.Ordinal);
        Assert.Contains($"input: {Convert.ToBase64String("ab!"u8)}\n", finding, StringComparison.Ordinal);
        Assert.Contains("FormatException", finding, StringComparison.Ordinal);
        Assert.Equal(finding, BoundedRun.Run(new Crashing(), seed: 7, mutations: 50_000));
    }

    [Fact]
    public void Memory_beyond_the_limit_is_a_finding()
    {
        var finding = BoundedRun.Run(new Hungry(), seed: 1, mutations: 1_000);

        Assert.Contains("AllocationLimit", finding, StringComparison.Ordinal);
    }

    [Fact]
    public void Mutations_depend_on_seed_and_number_only()
    {
        var mutator = new Mutator(new Crashing());
        byte[][] corpus = ["some text"u8.ToArray(), "another"u8.ToArray()];
        var inputs = Enumerable.Range(0, 100).Select(_ => Make(1, 5)).ToList();

        Assert.All(inputs, input => Assert.Equal(inputs[0], input));
        Assert.True(Enumerable.Range(0, 100).Select(run => Convert.ToHexString(Make(1, run))).Distinct().Count() > 50);
        Assert.NotEqual(Enumerable.Range(0, 10).Select(run => Make(1, run)), Enumerable.Range(0, 10).Select(run => Make(2, run)));

        byte[] Make(ulong seed, int run)
        {
            var random = new FuzzRandom(seed, (ulong)run);
            return mutator.Mutate(corpus, ref random);
        }
    }

    [Fact]
    public void Mutated_messages_are_mostly_still_messages()
    {
        var target = FuzzTargets.Find("label-query-wire");
        var (mutator, corpus) = (new Mutator(target), Corpus.Load(target));
        var good = 0;
        for (var run = 0; run < 1_000; run++)
        {
            var random = new FuzzRandom(3, (ulong)run);
            try
            {
                Resources.Wire.LabelQuery.Parser.ParseFrom(mutator.Mutate(corpus, ref random));
                good++;
            }
            catch (Google.Protobuf.InvalidProtocolBufferException)
            {
                // Some have to be broken too.
            }
        }

        Assert.InRange(good, 300, 950);
    }

    private sealed class Crashing : IFuzzTarget
    {
        public string Name => "crashing";

        public IEnumerable<byte[]> Seeds => ["xxabxx"u8.ToArray(), "!yy"u8.ToArray()];

        public void Run(ReadOnlySpan<byte> input)
        {
            if (input.IndexOf("ab!"u8) >= 0)
            {
                throw new FormatException("found");
            }
        }
    }

    private sealed class Hungry : IFuzzTarget
    {
        public string Name => "hungry";

        public IEnumerable<byte[]> Seeds => ["x"u8.ToArray()];

        public void Run(ReadOnlySpan<byte> input) => GC.KeepAlive(new byte[input.Length > 8 ? 10_000_000 : 1]);
    }
}
