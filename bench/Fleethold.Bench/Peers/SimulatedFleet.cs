using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Fleethold.Bench.Peers;

/// <summary><c>fleethold-sim</c> in a network namespace, in a process of its own that obeys lines of text. Ended, and only it, when disposed of.</summary>
internal sealed class SimulatedFleet : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task<string> _errors;

    private SimulatedFleet(Process process) => (_process, _errors) = (process, process.StandardError.ReadToEndAsync());

    /// <summary>The id of the process.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Starts machines that join at once.</summary>
    public static SimulatedFleet Start(string space, string api, string token, int machines) => new(Process.Start(new ProcessStartInfo(
        "ip",
        [
            "netns", "exec", space, Checkout.Executable("Fleethold.Simulator", "fleethold-sim"), "--interactive", "--api", api, "--token", token,
            "--machines", machines.ToString(CultureInfo.InvariantCulture), "--ramp", "128",
        ])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!);

    /// <summary>Waits until all of them have joined.</summary>
    /// <returns>Seconds from the first provisioning call of any until the last step of the last.</returns>
    public async Task<double> Joined(int machines, TimeSpan limit, CancellationToken cancellation)
    {
        var begin = Stopwatch.GetTimestamp();
        while (true)
        {
            var answer = await Ask("report", cancellation);
            using var report = JsonDocument.Parse(answer);
            if (report.RootElement.GetProperty("joined").GetInt32() == machines)
            {
                return report.RootElement.GetProperty("seconds").GetDouble();
            }

            if (Stopwatch.GetElapsedTime(begin) > limit)
            {
                throw new InvalidOperationException($"after {limit.TotalSeconds:0} s the machines are no further than {answer}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(250), TimeProvider.System, cancellation);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync(CancellationToken.None);
        await _errors;
        _process.Dispose();
    }

    private async Task<string> Ask(string line, CancellationToken cancellation)
    {
        await _process.StandardInput.WriteLineAsync(line.AsMemory(), cancellation);
        await _process.StandardInput.FlushAsync(cancellation);
        return await _process.StandardOutput.ReadLineAsync(cancellation) ?? throw new InvalidOperationException($"fleethold-sim ended: {await _errors}");
    }
}
