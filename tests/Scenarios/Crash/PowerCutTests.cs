using System.Diagnostics;
using System.Text;
using Fleethold.Runtime;
using Fleethold.Storage;
using Fleethold.Testing;

namespace Fleethold.Scenarios.Crash;

/// <summary>
/// A kill keeps what the kernel has in its cache; a power cut doesn't. Here a preloaded library writes down what a writing process does to its files,
/// and the store is opened on what a disk could hold at many instants of that: everything synced by then, and any part of what was written after.
/// </summary>
public sealed class PowerCutTests(ITestOutputHelper output) : IDisposable
{
    private const int Instants = 60;

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Every_write_acknowledged_before_a_power_cut_is_there(int seed)
    {
        var wrong = await Cut(seed, []);

        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Take(10)));
    }

    [Fact]
    public async Task The_harness_sees_what_is_lost_when_the_store_does_not_sync()
    {
        var wrong = await Cut(seed: 1, ["synchronous = OFF"]);

        Assert.NotEmpty(wrong);
    }

    public void Dispose() => _folder.Dispose();

    private async Task<List<string>> Cut(int seed, IReadOnlyList<string> pragmas)
    {
        var options = new CrashOptions
        {
            Folder = _folder.PathOf("data"),
            Seed = seed,
            Writers = 8,
            WritesEach = 150,
            Output = _folder.PathOf("data/acks"),
            Pragmas = pragmas,
        };
        using (var child = CrashChild.Start(options, await Shim.Environment(options.Folder, _folder.PathOf("trace"))))
        {
            await child.End();
        }

        var records = DiskRecord.ReadAll(_folder.PathOf("trace"));
        Assert.Contains(records, record => record is { Kind: 'W', Name: "fleethold.db" });
        Assert.Contains(records, record => record is { Kind: 'W', Name: "fleethold.db-wal" });

        var random = new Random(seed);
        var instants = Enumerable.Range(0, Instants).Select(_ => random.Next(records.Count)).Order().ToList();
        var (image, said, wrong, acknowledged) = (new DiskImage(), new StringBuilder(), new List<string>(), 0);
        var next = 0;
        foreach (var instant in instants)
        {
            for (; next <= instant; next++)
            {
                if (records[next].Name == "acks")
                {
                    said.Append(Encoding.ASCII.GetString(records[next].Data.Span));
                }
                else
                {
                    image.Apply(records[next]);
                }
            }

            var ledger = new CrashLedger();
            foreach (var line in said.ToString().Split('\n'))
            {
                ledger.Read(line);
            }

            acknowledged = ledger.Acknowledged;
            wrong.AddRange((await Recover(options, image, ledger, random)).Select(problem => $"after record {instant}: {problem}"));
        }

        output.WriteLine($"{records.Count} records, {Instants} power cuts, {acknowledged} acknowledged at the last; {wrong.Count} problems");
        Assert.True(acknowledged > 100, "the power was cut too early to mean anything");
        return wrong;
    }

    private async Task<List<string>> Recover(CrashOptions options, DiskImage image, CrashLedger ledger, Random random)
    {
        using var after = new TemporaryFolder();
        image.CutPower(after.PathOf("data"), random);
        File.Copy(_folder.PathOf("store.key"), after.PathOf("store.key"));
        try
        {
            var store = await FleetholdStore.Open((options with { Folder = after.PathOf("data") }).Store, TimeProvider.System, Deadline.Token);
            await using (store.Log)
            {
                return ledger.Settle((await store.Log.Load(Deadline.Token)).Resources.Select(one => one.Resource));
            }
        }
        catch (CommitLogException failure)
        {
            return [failure.Message];
        }
    }
}

/// <summary>The preloaded library, built where it is used.</summary>
internal static class Shim
{
    private static readonly Lazy<Task<string>> Library = new(Build);

    /// <summary>What a process must have in its environment to be traced.</summary>
    public static async Task<Dictionary<string, string>> Environment(string folder, string trace, string? fault = null)
    {
        var environment = new Dictionary<string, string>
        {
            ["LD_PRELOAD"] = await Library.Value,
            ["FLEETHOLD_SHIM_FOLDER"] = folder,
            ["FLEETHOLD_SHIM_TRACE"] = trace,
        };
        if (fault is not null)
        {
            environment["FLEETHOLD_SHIM_FAULT"] = fault;
        }

        return environment;
    }

    private static async Task<string> Build()
    {
        var library = Path.Combine(AppContext.BaseDirectory, "fsync-shim.so");
        var source = Repository.PathOf("tools", "fsync-shim", "shim.c");
        Process compiler;
        try
        {
            compiler = Process.Start("gcc", ["-O2", "-shared", "-fPIC", "-o", library, source, "-ldl", "-lpthread"]);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("gcc is not installed (Debian package gcc)");
            throw;
        }

        using (compiler)
        {
            await Deadline.Within(compiler.WaitForExitAsync());
            return compiler.ExitCode == 0 ? library : throw new InvalidOperationException("tools/fsync-shim/shim.c doesn't build");
        }
    }
}
