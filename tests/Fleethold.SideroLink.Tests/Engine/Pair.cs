using Fleethold.SideroLink.Engine;
using Fleethold.SideroLink.Wire;
using Microsoft.Extensions.Time.Testing;

namespace Fleethold.SideroLink.Tests.Engine;

/// <summary>Two sides that know each other and a clock that stands still until told otherwise. <c>A</c> plays the machine, <c>B</c> the server.</summary>
internal sealed class Pair : IDisposable
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    public Pair(CoreOptions? a = null, CoreOptions? b = null, ushort keepaliveA = 0, ushort keepaliveB = 0, bool serverKnowsEndpoint = false)
    {
        WallOfA = new ShiftedWall(Clock);
        A = new Side(WallOfA, 1, a);
        B = new Side(Clock, 2, b, InputFilter.OwnAddressOnly);
        PeerOfA = A.Knows(B, keepaliveA);
        PeerOfB = B.Knows(A, keepaliveB, serverKnowsEndpoint);
    }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

    public Side A { get; }

    public Side B { get; }

    /// <summary>The clock of A, whose wall time alone can be set.</summary>
    public ShiftedWall WallOfA { get; }

    /// <summary>What A knows of B.</summary>
    public Peer PeerOfA { get; }

    /// <summary>What B knows of A.</summary>
    public Peer PeerOfB { get; }

    /// <summary>Every datagram that was delivered or lost, in order.</summary>
    public List<(Side From, MessageType Type, int Length, TimeSpan At)> Log { get; } = [];

    /// <summary>Which datagrams are lost.</summary>
    public Func<Side, MessageType, bool> Loses { get; set; } = (_, _) => false;

    private DateTimeOffset Start { get; } = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public int Logged(Side from, MessageType type) => Log.Count(entry => entry.From == from && entry.Type == type);

    /// <summary>Moves datagrams until none is left.</summary>
    public void Deliver()
    {
        while (A.Sent.Count + B.Sent.Count > 0)
        {
            Move(A, B);
            Move(B, A);
        }
    }

    /// <summary>Lets time pass in ticks of 100 ms, with everything delivered at once.</summary>
    public void Pass(double seconds)
    {
        for (var left = TimeSpan.FromSeconds(seconds); left > TimeSpan.Zero; left -= Step)
        {
            Clock.Advance(Step);
            A.Core.Tick(A);
            B.Core.Tick(B);
            Deliver();
        }
    }

    /// <summary>A shakes hands with B by sending it a packet.</summary>
    public Pair Connected()
    {
        A.SendTo(B);
        Deliver();
        Assert.Single(B.Packets);
        Assert.True(PeerOfA.Connected);
        Assert.True(PeerOfB.Connected);
        Forget();
        return this;
    }

    public void Forget()
    {
        Log.Clear();
        A.Packets.Clear();
        B.Packets.Clear();
    }

    public void Dispose()
    {
        A.Dispose();
        B.Dispose();
    }

    private void Move(Side from, Side to)
    {
        var datagrams = from.Sent.ToArray();
        from.Sent.Clear();
        foreach (var (_, bytes) in datagrams)
        {
            var type = Message.TypeOf(bytes);
            Log.Add((from, type, bytes.Length, Clock.GetUtcNow() - Start));
            if (!Loses(from, type))
            {
                to.Receive(bytes, from.Endpoint);
            }
        }
    }
}

/// <summary>A clock whose wall time is off by as much as the test says, while its monotonic time isn't.</summary>
internal sealed class ShiftedWall(TimeProvider clock) : TimeProvider
{
    public TimeSpan Shift { get; set; }

    public override long TimestampFrequency => clock.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => clock.GetUtcNow() + Shift;

    public override long GetTimestamp() => clock.GetTimestamp();
}
