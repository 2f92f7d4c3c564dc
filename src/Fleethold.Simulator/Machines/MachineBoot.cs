using System.Net;
using Fleethold.SideroLink.Cryptography;
using Fleethold.SideroLink.Engine;
using Fleethold.SideroLink.Wire;
using Fleethold.Simulator.Events;
using Fleethold.Simulator.Logs;
using Fleethold.Simulator.Provisioning;
using Fleethold.Simulator.Tunnels;
using Grpc.Core;

namespace Fleethold.Simulator.Machines;

/// <summary>
/// One boot of a machine: its key, its tunnel, its events and its log, from power on to power off. It lives as long as <see cref="Run"/>.
/// </summary>
internal sealed class MachineBoot(MachineHardware hardware, MetaPartition meta, Site site, Random random)
{
    private static readonly TimeSpan LinkCheck = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PeerDown = TimeSpan.FromSeconds(275);

    private readonly Signal _provisionAgain = new();
    private readonly Lock _gate = new();
    private ProvisionAnswer? _answer;
    private TunnelRelay? _relay;
    private CancellationTokenSource? _relayEnd;
    private int _endpoint;
    private long _nextCheck;

    /// <summary>The key pair of this boot.</summary>
    public KeyPair Key { get; } = KeyPair.Generate();

    /// <summary>What happened.</summary>
    public EventHistory Events { get; } = new(new Xid(random, site.Clock), hardware.Uuid);

    /// <summary>What the kernel said.</summary>
    public KernelLog Log { get; } = new(site.Clock);

    /// <summary>How far the join is.</summary>
    public JoinTimes Times { get; } = new();

    /// <summary>The address inside the tunnel; null before the first answer.</summary>
    public IPAddress? Address { get; private set; }

    /// <summary>The public key of the server; null before the first answer.</summary>
    public PublicKey? Server => _answer?.Server;

    /// <summary>The UUID that it sends.</summary>
    public string Uuid => meta[MetaPartition.UuidKey] ?? hardware.Uuid;

    /// <summary>Lives until it is cancelled; nothing is thrown then.</summary>
    public async Task Run(SimulatedMachine machine, CancellationToken off)
    {
        meta.Changed = key =>
        {
            if (key is MetaPartition.UuidKey or MetaPartition.UniqueTokenKey)
            {
                _provisionAgain.Raise();
            }
        };
        site.Counters.Booted();
        BootStory.Boot(Events);
        Log.AddBoot(hardware.TalosVersion ?? "v1.5.0");
        var tasks = new List<Task>();
        try
        {
            await KeepLinked(machine, tasks, off);
        }
        catch (Exception end) when (end is OperationCanceledException or RpcException && off.IsCancellationRequested)
        {
        }
        finally
        {
            meta.Changed = null;
            site.Device.Close(Key.Public);
            if (Address is { } address)
            {
                site.Directory.Remove(address, machine);
            }

            await Task.WhenAll(tasks);
            _relayEnd?.Dispose();
        }
    }

    /// <summary>
    /// The reconnect cycle (reference/siderolink.md 7): each 30 s a look at the last handshake; one that is 275 s old or never was moves on to the next
    /// endpoint, and behind the last one the machine provisions again.
    /// </summary>
    /// <param name="now">The time, as a timestamp of the clock.</param>
    public void CheckLink(long now)
    {
        ProvisionAnswer? answer;
        lock (_gate)
        {
            answer = _answer;
        }

        if (answer is null)
        {
            return;
        }

        var handshake = site.Device.LastHandshake(Key.Public);
        Times.Handshake ??= handshake;
        if (now < Interlocked.Read(ref _nextCheck))
        {
            return;
        }

        Interlocked.Exchange(ref _nextCheck, now + (long)(LinkCheck.TotalSeconds * site.Clock.TimestampFrequency));
        if (handshake is { } last && site.Clock.GetUtcNow() - last < PeerDown)
        {
            return;
        }

        if (++_endpoint < answer.Endpoints.Count)
        {
            _ = Open(answer, CancellationToken.None);
        }
        else
        {
            _provisionAgain.Raise();
        }
    }

    private async Task KeepLinked(SimulatedMachine machine, List<Task> tasks, CancellationToken off)
    {
        var backoff = new Backoff(random);
        while (true)
        {
            var seen = _provisionAgain.Count;
            try
            {
                await Link(machine, tasks, off);
                backoff.Reset();
                await _provisionAgain.After(seen, off);
            }
            catch (Exception failure) when (failure is RpcException or FormatException or System.Net.Sockets.SocketException && !off.IsCancellationRequested)
            {
                site.Counters.ProvisionFailed(failure is RpcException refused ? $"{refused.StatusCode}: {refused.Status.Detail}" : failure.Message);
                await Task.Delay(backoff.Next(), site.Clock, off);
            }
        }
    }

    private async Task Link(SimulatedMachine machine, List<Task> tasks, CancellationToken off)
    {
        var request = Request();
        var isFirst = Times.FirstCall is null;
        Times.FirstCall ??= site.Clock.GetUtcNow();
        site.Counters.ProvisionCalled();
        ProvisionResponse response;
        if (isFirst)
        {
            await site.Ramp.WaitAsync(off);
        }

        try
        {
            Times.FirstCall = isFirst ? site.Clock.GetUtcNow() : Times.FirstCall;
            response = await site.Api.Provision(request, off);
        }
        finally
        {
            if (isFirst)
            {
                site.Ramp.Release();
            }
        }

        var answer = ProvisionAnswer.Read(response);
        Times.FirstAnswer ??= site.Clock.GetUtcNow();
        if (request.NodeUniqueToken.Length > 0)
        {
            Times.Linked ??= site.Clock.GetUtcNow();
        }

        lock (_gate)
        {
            _answer = answer;
        }

        Interlocked.Exchange(ref _nextCheck, site.Clock.GetTimestamp() + (long)(LinkCheck.TotalSeconds * site.Clock.TimestampFrequency));
        _endpoint = 0;
        var isNew = !answer.Address.Equals(Address);
        if (isNew && Address is { } old)
        {
            site.Directory.Remove(old, machine);
        }

        Address = answer.Address;
        site.Directory.Set(answer.Address, machine);
        await Open(answer, off);
        if (isNew && tasks.Count == 0)
        {
            // Senders have been trying since before there was a tunnel: their next attempt lies somewhere inside a pause.
            BootStory.Address(Events, $"talos-{hardware.Uuid[..8]}", answer.Address);
            tasks.Add(Speak(answer.Address, off));
        }
    }

    private ProvisionRequest Request()
    {
        var request = new ProvisionRequest
        {
            NodeUuid = Uuid,
            NodePublicKey = Key.Public.ToString(),
            NodeUniqueToken = meta[MetaPartition.UniqueTokenKey] ?? "",
        };
        if (site.Join.Token is { Length: > 0 } token)
        {
            request.JoinToken = token;
        }

        if (hardware.TalosVersion is { } version)
        {
            request.TalosVersion = version;
        }

        if (site.Join.WantsGrpcTunnel)
        {
            request.WireguardOverGrpc = true;
        }

        return request;
    }

    private async Task Open(ProvisionAnswer answer, CancellationToken cancellation)
    {
        if (answer.VirtualAddress is { } name)
        {
            if (_relay?.VirtualAddress != name)
            {
                EndRelay();
                var relay = _relay = new TunnelRelay(site.Api.Tunnels, name, site.Clock);
                var end = _relayEnd = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                _ = relay.Run(datagram => site.Device.Receive(Key.Public, datagram, relay.Endpoint), end.Token);
            }

            site.Device.Open(new(Key, answer.Address, answer.Server, _relay.Endpoint, _relay.Send));
            return;
        }

        EndRelay();
        var at = answer.Endpoints[_endpoint];
        var endpoint = PeerEndpoint.Udp(await Site.Resolve(at.Host, cancellation), at.Port);
        site.Device.Open(new(Key, answer.Address, answer.Server, endpoint, null));
    }

    private void EndRelay()
    {
        _relayEnd?.Cancel();
        _relayEnd?.Dispose();
        (_relay, _relayEnd) = (null, null);
    }

    private async Task Speak(IPAddress address, CancellationToken off)
    {
        var speaking = new List<Task>();
        try
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50 + (random.NextDouble() * 250)), site.Clock, off);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        if (site.Join.Events is { } events)
        {
            speaking.Add(new EventSender(Events, events, random, site.Clock) { Acknowledged = EventAcknowledged, Failed = site.Counters.EventFailed }.Run(address, off));
        }

        if (site.Join.Logs is { } logs)
        {
            speaking.Add(new LogSender(Log, logs, site.Clock) { Written = LinesWritten, Lost = LinesLost, Failed = site.Counters.LogFailed }.Run(address, off));
        }

        await Task.WhenAll(speaking);
    }

    private void EventAcknowledged()
    {
        site.Counters.EventAcknowledged();
        if (Times.FirstEvent is null)
        {
            var now = site.Clock.GetUtcNow();
            (Times.FirstEvent, Times.Linked) = (now, Times.Linked ?? now);
        }
    }

    private void LinesWritten(int lines)
    {
        site.Counters.Sent(lines);
        Times.FirstLine ??= site.Clock.GetUtcNow();
    }

    // A server that doesn't know the machine yet has closed the connection.
    private void LinesLost(int lines)
    {
        site.Counters.Sent(-lines);
        Times.FirstLine = null;
    }
}
