namespace Fleethold.Bench.Peers;

/// <summary>Where things are in this checkout.</summary>
internal static class Checkout
{
    /// <summary>The root: the folder of Fleethold.slnx.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A program of the product, as it is shipped.</summary>
    public static string Executable(string project, string name) => Existing(Path.Combine(Root, "artifacts", "bin", project, name));

    /// <summary>A test program, built in the same configuration as this one.</summary>
    public static string TestProgram(string project, string name)
    {
        var configuration = AppContext.BaseDirectory.Split(Path.DirectorySeparatorChar)[^3];
        return Existing(Path.Combine(Root, "tests", project, "bin", configuration, "net10.0", name));
    }

    private static string Existing(string path) =>
        File.Exists(path) ? path : throw new FileNotFoundException($"{path} is not built: run ./dev bench, which builds it");

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
