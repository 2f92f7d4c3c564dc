using System.Reflection;
using System.Runtime.Loader;
using SharpFuzz;

namespace Fleethold.Fuzz.Coverage;

/// <summary>
/// Holds a second copy of the product's assemblies whose branches count themselves. SharpFuzz rewrites them on a copy of the files; the
/// instrumented code and the reader of the counts share one <c>SharpFuzz.Common</c> of the default context.
/// </summary>
internal sealed class InstrumentedContext(string folder) : AssemblyLoadContext("instrumented")
{
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        var name = assemblyName.Name!;
        var path = Path.Combine(AppContext.BaseDirectory, name + ".dll");
        if (!name.StartsWith("fleethold", StringComparison.OrdinalIgnoreCase) || !File.Exists(path))
        {
            return null;
        }

        if (name is "Fleethold.Fuzz" or "Fleethold.Testing")
        {
            return LoadFromAssemblyPath(path);
        }

        var copy = Path.Combine(folder, name + ".dll");
        File.Copy(path, copy, overwrite: true);

        // Generated messages are left out: their branches say little and would crowd the map of 64 Ki counts.
        Fuzzer.Instrument(copy, type => !type.StartsWith("Fleethold.Resources.Specs.", StringComparison.Ordinal), Options.Value);
        return LoadFromAssemblyPath(copy);
    }
}
