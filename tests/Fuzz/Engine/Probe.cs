namespace Fleethold.Fuzz.Engine;

/// <summary>Runs a target on one input and says what is wrong, if anything is.</summary>
internal sealed class Probe(IFuzzTarget target)
{
    /// <summary>Null, or the finding.</summary>
    public string? Try(ReadOnlySpan<byte> input)
    {
        var finding = TryOnce(input, out var tooMuch);

        // What a first run sets up for all later ones doesn't count.
        return finding is not null && tooMuch ? TryOnce(input, out _) : finding;
    }

    /// <summary>The smallest input found that gives the same kind of finding; removes pieces while that stays so.</summary>
    public byte[] Minimize(byte[] input, string finding)
    {
        var kind = Kind(finding);
        for (var (length, tries) = (Math.Max(1, input.Length / 2), 0); length > 0; length /= 2)
        {
            for (var at = 0; at + length <= input.Length && tries < 5_000; tries++)
            {
                byte[] shorter = [.. input.AsSpan(0, at), .. input.AsSpan(at + length)];
                if (Try(shorter) is { } still && Kind(still) == kind)
                {
                    input = shorter;
                }
                else
                {
                    at += length;
                }
            }
        }

        return input;
    }

    private string? TryOnce(ReadOnlySpan<byte> input, out bool tooMuch)
    {
        tooMuch = false;
        try
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            target.Run(input);
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            tooMuch = allocated > target.AllocationLimit(input.Length);
            return tooMuch ? $"AllocationLimit: {allocated} bytes for an input of {input.Length}, the limit is {target.AllocationLimit(input.Length)}" : null;
        }
        catch (Exception exception)
        {
            return exception.ToString();
        }
    }

    private static string Kind(string finding) => finding.Split(':', '\n')[0];
}
