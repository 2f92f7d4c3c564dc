namespace Fleethold.Bench.Measuring;

/// <summary>One benchmark: measures, reports each figure, and returns the headline.</summary>
internal interface IBenchmark
{
    /// <summary>The name that ./dev bench takes.</summary>
    string Name { get; }

    /// <summary>Measures.</summary>
    /// <param name="report">Takes the figures.</param>
    /// <param name="scale">How much time there is.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <returns>The headline.</returns>
    Task<Figure> Run(Report report, Scale scale, CancellationToken cancellation);
}

/// <summary>How much time a benchmark has.</summary>
internal enum Scale
{
    /// <summary>As long as good figures need.</summary>
    Full,

    /// <summary>At most 45 s with everything around it: shows that it works; its figures are no evidence.</summary>
    Quick,
}
