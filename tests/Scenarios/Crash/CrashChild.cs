using System.Diagnostics;
using Fleethold.Testing;

namespace Fleethold.Scenarios.Crash;

/// <summary>The writing process, started and ended by its id.</summary>
internal sealed class CrashChild : IDisposable
{
    private readonly Process _process;

    private CrashChild(Process process) => _process = process;

    public static CrashChild Start(CrashOptions options, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Fleethold.Scenarios"), options.ToArguments())
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return new CrashChild(Process.Start(start)!);
    }

    /// <summary>Reads what the process says until so many lines came.</summary>
    public async Task Read(CrashLedger ledger, int lines)
    {
        for (; lines > 0; lines--)
        {
            var line = await Deadline.Within(_process.StandardOutput.ReadLineAsync());
            if (line is null)
            {
                throw new InvalidOperationException($"the writing process ended by itself: {await _process.StandardError.ReadToEndAsync()}");
            }

            ledger.Read(line);
        }
    }

    /// <summary>Reads what the process says until the ledger shows something.</summary>
    public async Task ReadUntil(CrashLedger ledger, Func<CrashLedger, bool> seen)
    {
        while (!seen(ledger))
        {
            await Read(ledger, 1);
        }
    }

    /// <summary>SIGKILL; then reads what was said before it.</summary>
    public async Task Kill(CrashLedger ledger)
    {
        _process.Kill();
        while (await Deadline.Within(_process.StandardOutput.ReadLineAsync()) is { } line)
        {
            ledger.Read(line);
        }

        await _process.WaitForExitAsync();
    }

    /// <summary>Waits until the process has done all its writes.</summary>
    public async Task End()
    {
        var said = await Deadline.Within(_process.StandardError.ReadToEndAsync());
        await _process.WaitForExitAsync();
        Assert.True(_process.ExitCode == 0, said);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }
}
