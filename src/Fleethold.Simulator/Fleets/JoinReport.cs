using Fleethold.Simulator.Machines;

namespace Fleethold.Simulator.Fleets;

/// <summary>How many machines have reached each step of their join.</summary>
/// <param name="Machines">How many there are.</param>
/// <param name="Answered">Their provisioning was answered.</param>
/// <param name="Linked">They have a link.</param>
/// <param name="Handshakes">Their handshake is complete.</param>
/// <param name="Events">The server acknowledged an event.</param>
/// <param name="Lines">The log receiver took a line.</param>
/// <param name="Joined">All of it.</param>
/// <param name="Elapsed">From the first provisioning call of any to the last step of the last one that has joined; null when none has.</param>
internal sealed record JoinReport(int Machines, int Answered, int Linked, int Handshakes, int Events, int Lines, int Joined, TimeSpan? Elapsed)
{
    /// <summary>Counts.</summary>
    public static JoinReport Of(IReadOnlyList<SimulatedMachine> machines)
    {
        var times = machines.Select(machine => machine.Boot?.Times).OfType<JoinTimes>().ToList();
        var begin = times.Min(one => one.FirstCall);
        var end = times.Max(one => one.Completed);
        return new(
            machines.Count,
            times.Count(one => one.FirstAnswer is not null),
            times.Count(one => one.Linked is not null),
            times.Count(one => one.Handshake is not null),
            times.Count(one => one.FirstEvent is not null),
            times.Count(one => one.FirstLine is not null),
            times.Count(one => one.IsComplete),
            end - begin);
    }
}
