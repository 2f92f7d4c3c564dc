namespace Fleethold.Fuzz.Coverage;

/// <summary>The long run: loads an instrumented copy of the product and of this project, and lets it run its targets.</summary>
internal static class CoverageRun
{
    /// <summary>Runs each target for so long. Zero when there was no finding.</summary>
    public static int Start(IReadOnlyList<string> targets, TimeSpan time)
    {
        var folder = Directory.CreateTempSubdirectory("fleethold-fuzz-");
        try
        {
            var context = new InstrumentedContext(folder.FullName);
            var loop = context.LoadFromAssemblyName(typeof(CoverageRun).Assembly.GetName()).GetType(typeof(CoverageLoop).FullName!, throwOnError: true)!;
            var run = loop.GetMethod(nameof(CoverageLoop.Run))!.CreateDelegate<Func<string, TimeSpan, int>>();
            return targets.Max(target => run(target, time));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
