namespace Fleethold.Bench.Measuring;

/// <summary>What becomes of many measurements.</summary>
internal static class Statistics
{
    /// <summary>The middle one; of an even number the mean of the two in the middle.</summary>
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>The smallest value that at least this share of all values doesn't exceed (nearest rank).</summary>
    public static double Percentile(IEnumerable<double> values, double share)
    {
        var sorted = values.Order().ToArray();
        return sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)];
    }

    /// <summary>What one more unit of load costs: (M2-M1)/(N2-N1), each measured on a fresh server.</summary>
    public static double Slope((double Size, double Cost) small, (double Size, double Cost) large) =>
        (large.Cost - small.Cost) / (large.Size - small.Size);
}
