using System.Globalization;
using System.Text.Json;
using Fleethold.Simulator.Fleets;
using Fleethold.Simulator.Machines;

namespace Fleethold.Simulator.Commands;

/// <summary>
/// Acts on a fleet by lines of text, for tests and for people who try things. Each line is answered by one line: what was asked for, <c>ok</c>, or
/// <c>error: …</c>. Machines are named by their number from 0, or <c>all</c>.
/// </summary>
internal sealed class FleetConsole(Fleet fleet, TextReader input, TextWriter output, TimeProvider clock)
{
    private const string Usage =
        "error: commands are: report | machine N | start N | stop N | reboot N | shutdown N | roam N | freeze N | thaw N | lose N SHARE | bad-config N | flood ADDRESS:PORT KEY PER-SECOND; N may be 'all'";

    private readonly List<Task> _floods = [];
    private CancellationToken _end;

    /// <summary>Switches the fleet on and obeys until the input ends.</summary>
    public async Task<int> Run(CancellationToken cancellation)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _end = end.Token;
        await fleet.Start();
        while (await input.ReadLineAsync(cancellation) is { } line)
        {
            string answer;
            try
            {
                answer = await Obey(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
            }
            catch (InvalidOperationException refused)
            {
                answer = $"error: {refused.Message}";
            }

            await output.WriteLineAsync(answer.AsMemory(), cancellation);
            await output.FlushAsync(cancellation);
        }

        await end.CancelAsync();
        await Task.WhenAll(_floods);
        return 0;
    }

    private async Task<string> Obey(string[] words)
    {
        switch (words)
        {
            case ["report"]:
                return Report();
            case ["machine", var one] when Chosen(one) is [var machine]:
                return Show(machine);
            case ["start", var which] when Chosen(which) is { } chosen:
                await Task.WhenAll(chosen.Select(one => one.Start()));
                return "ok";
            case ["stop", var which] when Chosen(which) is { } chosen:
                await Task.WhenAll(chosen.Select(one => one.Stop()));
                return "ok";
            case ["reboot", var which] when Chosen(which) is { } chosen:
                await Task.WhenAll(chosen.Select(one => one.Reboot()));
                return "ok";
            case ["shutdown", var which] when Chosen(which) is { } chosen:
                await Task.WhenAll(chosen.Select(one => one.Shutdown()));
                return "ok";
            case ["roam", var which] when Chosen(which) is { } chosen:
                chosen.ForEach(one => one.Roam());
                return "ok";
            case ["freeze", var which] when Chosen(which) is { } chosen:
                chosen.ForEach(one => one.Lose(1));
                return "ok";
            case ["thaw", var which] when Chosen(which) is { } chosen:
                chosen.ForEach(one => one.Lose(0));
                return "ok";
            case ["lose", var which, var share] when Chosen(which) is { } chosen
                && double.TryParse(share, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var part) && part <= 1:
                chosen.ForEach(one => one.Lose(part));
                return "ok";
            case ["bad-config", var which] when Chosen(which) is { } chosen:
                chosen.ForEach(one => Events.BootStory.BadConfiguration(one.Boot!.Events));
                return "ok";
            case ["flood", var at, var name, var rate] when System.Net.IPEndPoint.TryParse(at, out var server)
                && Fleethold.SideroLink.Wire.PublicKey.TryParse(name, out var key)
                && int.TryParse(rate, NumberStyles.None, CultureInfo.InvariantCulture, out var perSecond):
                _floods.Add(new Tunnels.HandshakeFlood(server, key, perSecond, clock).Run(_end));
                return "ok";
            default:
                return Usage;
        }
    }

    private List<SimulatedMachine>? Chosen(string which) =>
        which == "all" ? [.. fleet.Machines]
        : int.TryParse(which, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < fleet.Machines.Count ? [fleet.Machines[number]]
        : null;

    private string Report()
    {
        var (report, counters) = (fleet.Report(), fleet.Counters);
        return Json(json =>
        {
            json.WriteNumber("machines", report.Machines);
            json.WriteNumber("answered", report.Answered);
            json.WriteNumber("linked", report.Linked);
            json.WriteNumber("handshakes", report.Handshakes);
            json.WriteNumber("events", report.Events);
            json.WriteNumber("lines", report.Lines);
            json.WriteNumber("joined", report.Joined);
            json.WriteNumber("seconds", report.Elapsed?.TotalSeconds ?? 0);
            json.WriteNumber("provisionCalls", counters.ProvisionCalls);
            json.WriteNumber("provisionFailures", counters.ProvisionFailures);
            json.WriteNumber("eventsAcknowledged", counters.EventsAcknowledged);
            json.WriteNumber("eventFailures", counters.EventFailures);
            json.WriteNumber("logFailures", counters.LogFailures);
            json.WriteString("lastFailure", counters.LastFailure);
        });
    }

    private static string Show(SimulatedMachine machine) => Json(json =>
    {
        json.WriteString("uuid", machine.Boot?.Uuid ?? machine.Hardware.Uuid);
        json.WriteString("key", machine.Boot?.Key.Public.ToString());
        json.WriteString("address", machine.Boot?.Address?.ToString());
        json.WriteString("server", machine.Boot?.Server?.ToString());
        json.WriteString("token", machine.Meta[MetaPartition.UniqueTokenKey]);
        json.WriteBoolean("joined", machine.Boot?.Times.IsComplete ?? false);
    });

    private static string Json(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }
}
