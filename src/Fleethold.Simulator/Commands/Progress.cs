using System.Globalization;
using Fleethold.Simulator.Fleets;

namespace Fleethold.Simulator.Commands;

/// <summary>Shows how far a fleet is: one line that is written over on a terminal, else a line whenever something changed.</summary>
internal sealed class Progress(Fleet fleet, TextWriter output, TimeProvider clock)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly bool _isTerminal = ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected;
    private string _last = "";

    /// <summary>Switches the fleet on and shows it until it is cancelled or, with a limit, all have joined.</summary>
    /// <returns>The exit code: 0, or 1 when the limit passed first.</returns>
    public async Task<int> Run(TimeSpan? joinLimit, CancellationToken cancellation)
    {
        var begin = clock.GetTimestamp();
        await fleet.Start();
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            while (true)
            {
                var report = fleet.Report();
                await Show(report);
                if (joinLimit is { } limit && (report.Joined == report.Machines || clock.GetElapsedTime(begin) > limit))
                {
                    await Finish(report);
                    return report.Joined == report.Machines ? 0 : 1;
                }

                await timer.WaitForNextTickAsync(cancellation);
            }
        }
        catch (OperationCanceledException)
        {
            await Finish(fleet.Report());
            return joinLimit is null ? 0 : 130;
        }
    }

    private async Task Show(JoinReport report)
    {
        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Joined} of {report.Machines} joined ({report.Answered} answered, {report.Linked} linked, {report.Handshakes} handshakes, {report.Events} with events, {report.Lines} with logs)");
        if (report.Joined < report.Machines && fleet.Counters.LastFailure is { } failure)
        {
            line += $"; last refusal: {failure}";
        }

        if (line != _last)
        {
            await output.WriteAsync(_isTerminal ? $"\r\e[K{line}" : $"{line}\n");
            _last = line;
        }
    }

    private async Task Finish(JoinReport report)
    {
        var counters = fleet.Counters;
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"{(_isTerminal ? "\n" : "")}{report.Joined} of {report.Machines} machines joined{(report.Elapsed is { } elapsed ? $" in {elapsed.TotalSeconds:0.00} s" : "")}; {counters.ProvisionCalls} provisioning calls ({counters.ProvisionFailures} failed), {counters.EventsAcknowledged} events ({counters.EventFailures} refused), {counters.LinesSent} log lines"));
    }
}
