namespace Fleethold.Bench.Peers;

/// <summary>Where things are in this checkout.</summary>
internal static class Checkout
{
    /// <summary>The root: the folder of Fleethold.slnx.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A program of the product, built in the same configuration as this one.</summary>
    public static string Executable(string project, string name) => Program("src", project, name);

    /// <summary>A test program, built in the same configuration as this one.</summary>
    public static string TestProgram(string project, string name) => Program("tests", project, name);

    private static string Program(string folder, string project, string name)
    {
        var configuration = AppContext.BaseDirectory.Split(Path.DirectorySeparatorChar)[^3];
        var path = Path.Combine(Root, folder, project, "bin", configuration, "net10.0", name);
        return File.Exists(path) ? path : throw new FileNotFoundException($"{path} is not built: run ./dev bench, which builds it");
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Fleethold.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"{AppContext.BaseDirectory} is not inside a checkout of Fleethold");
    }
}
