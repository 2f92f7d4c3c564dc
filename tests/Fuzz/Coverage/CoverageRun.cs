namespace Fleethold.Fuzz.Coverage;

/// <summary>The long run: loads an instrumented copy of the product and of this project, and lets it run its targets.</summary>
internal static class CoverageRun
{
    /// <summary>Runs each target for so long. Zero when there was no finding.</summary>
    public static int Start(IReadOnlyList<string> targets, TimeSpan time) =>
        InCopy<Func<string, TimeSpan, int>, int>(nameof(CoverageLoop.Run), run => targets.Max(target => run(target, time)));

    /// <summary>How many edges the corpus of each target takes, in their order.</summary>
    public static int[] CountEdges(IReadOnlyList<string> targets) =>
        InCopy<Func<string, int>, int[]>(nameof(CoverageLoop.CountEdges), count => [.. targets.Select(count)]);

    private static TResult InCopy<TMethod, TResult>(string method, Func<TMethod, TResult> use)
        where TMethod : Delegate
    {
        var folder = Directory.CreateTempSubdirectory("fleethold-fuzz-");
        try
        {
            var copy = new InstrumentedContext(folder.FullName).LoadFromAssemblyName(typeof(CoverageLoop).Assembly.GetName());
            var loop = copy.GetType(typeof(CoverageLoop).FullName!, throwOnError: true)!;
            return use(loop.GetMethod(method)!.CreateDelegate<TMethod>());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
