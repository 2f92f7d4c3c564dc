using System.Net;
using Fleethold.SideroLink.Engine;
using Fleethold.SideroLink.Sockets;
using Fleethold.SideroLink.Tunnel;
using Microsoft.Extensions.Logging;

namespace Fleethold.SideroLink.Tun;

/// <summary>
/// The threads between a core, its device and its sockets: one per queue that reads, seals and sends; one per socket that receives, opens and
/// writes; one for handshakes, which yields to those; one for timers. All wait without spinning.
/// </summary>
internal sealed partial class TunnelLoops : IDatagramInput, IAsyncDisposable
{
    private const int ReadsPerFlush = 4;
    private const int HandshakesPerFlush = 32;
    private const int HandshakeNice = 5;
    private static readonly TimeSpan s_longestTick = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_shortestTick = TimeSpan.FromMilliseconds(100);
    private readonly ILogger _log;
    private readonly TimeProvider _clock;
    private readonly IStreamCarrier? _streams;
    private readonly StopSignal _stop = new();
    private readonly List<Thread> _threads = [];
    private readonly List<IDisposable> _buffers = [];
    private readonly List<UdpOutput> _udpOutputs = [];
    private readonly List<TunOutput> _tunOutputs = [];
    private readonly Lock _streamGate = new();
    private readonly NativeBlock _streamBuffer = new(65_536);
    private readonly UdpOutput _streamReplies;
    private readonly TunOutput _streamPackets;
    private UdpSockets? _sockets;
    private long _lastFault;
    private long _limitWarned;
    private long _limitWarning;
    private bool _stopped;

    private TunnelLoops(WireGuardCore core, TunDevice device, UdpSockets sockets, LoopOptions options, IStreamCarrier? streams, TimeProvider clock, ILogger log)
    {
        Core = core;
        Device = device;
        _sockets = sockets;
        _streams = streams;
        _clock = clock;
        _log = log;
        Limit = options.Bandwidth is { } limit ? new BandwidthLimit(limit.BytesPerSecond, limit.Burst, clock) : null;
        _streamReplies = NewUdpOutput(UdpOutput.SmallRoom);
        _streamPackets = NewTunOutput(0);
        foreach (var queue in device.Queues)
        {
            var output = NewUdpOutput(UdpOutput.DataRoom);
            var reader = Keep(new TunReader(queue, core, output));
            Start($"tunnel-send-{_threads.Count}", () => Read(queue, reader, output));
        }

        var receivers = 0;
        foreach (var socket in sockets.All)
        {
            var receiver = Keep(new UdpReceiver(socket));
            var replies = NewUdpOutput(UdpOutput.SmallRoom);
            var packets = NewTunOutput(receivers++ % device.Queues.Count);
            Start($"tunnel-receive-{receivers}", () => Receive(socket, receiver, replies, packets));
        }

        var answers = NewUdpOutput(UdpOutput.SmallRoom);
        Start("tunnel-handshakes", () => Handshakes(answers));
        var timed = NewUdpOutput(UdpOutput.SmallRoom);
        Start("tunnel-timers", () => Tick(timed));
    }

    /// <summary>What they serve.</summary>
    public WireGuardCore Core { get; }

    /// <summary>The device.</summary>
    public TunDevice Device { get; }

    /// <summary>The limit of both directions; null when there is none.</summary>
    public BandwidthLimit? Limit { get; }

    /// <summary>The UDP port.</summary>
    public int Port => _sockets?.Port ?? 0;

    /// <summary>Datagrams that couldn't be sent.</summary>
    public long DatagramsDropped => _udpOutputs.Sum(output => output.Dropped);

    /// <summary>Opened packets that the device refused.</summary>
    public long PacketsDropped => _tunOutputs.Sum(output => output.Dropped);

    /// <summary>Opens device and sockets and starts the threads.</summary>
    /// <param name="core">What they serve; disposed with them, also when this throws.</param>
    /// <param name="options">What they are told.</param>
    /// <param name="configure">Sets the device up.</param>
    /// <param name="streams">Takes datagrams for tunnels.</param>
    /// <param name="clock">Fills the bandwidth limit.</param>
    /// <param name="log">Hears of faults.</param>
    /// <exception cref="TunnelUnavailableException">Device or sockets can't be had.</exception>
    public static TunnelLoops Open(WireGuardCore core, LoopOptions options, Action<TunDevice> configure, IStreamCarrier? streams, TimeProvider clock, ILogger log)
    {
        TunDevice? device = null;
        UdpSockets? sockets = null;
        try
        {
            sockets = UdpSockets.Open(options.ListenEndpoints, options.RxWorkers);
            device = TunDevice.Open(options.DeviceName, options.TxWorkers);
            configure(device);
            return new TunnelLoops(core, device, sockets, options, streams, clock, log);
        }
        catch
        {
            device?.Dispose();
            sockets?.Dispose();
            core.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Receive(Memory<byte> datagram, in PeerEndpoint from)
    {
        if (datagram.Length > 65_535)
        {
            return;
        }

        lock (_streamGate)
        {
            if (_stopped)
            {
                return;
            }

            var copy = _streamBuffer.Memory[..datagram.Length];
            datagram.CopyTo(copy);
            Core.Receive(copy, from, _streamReplies, _streamPackets);
            _streamPackets.Flush();
            _streamReplies.Flush();
        }
    }

    /// <summary>Starts a handshake with a peer.</summary>
    public void Initiate(Peer peer)
    {
        lock (_streamGate)
        {
            if (!_stopped)
            {
                Core.Initiate(peer, _streamReplies);
                _streamReplies.Flush();
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        lock (_streamGate)
        {
            if (_stopped)
            {
                return;
            }

            _stopped = true;
        }

        _stop.Set();
        await Task.Run(() =>
        {
            foreach (var thread in _threads)
            {
                do
                {
                    Core.Handshakes!.Wake();
                }
                while (!thread.Join(TimeSpan.FromMilliseconds(100)));
            }
        });
        _buffers.ForEach(buffer => buffer.Dispose());
        ((IDisposable)_streamBuffer).Dispose();
        _sockets?.Dispose();
        _sockets = null;
        Device.Dispose();
        Core.Dispose();
        _stop.Dispose();
    }

    private UdpOutput NewUdpOutput(int room)
    {
        var output = Keep(new UdpOutput(_sockets!.V4, _sockets.V6, _streams, Limit, room));
        _udpOutputs.Add(output);
        return output;
    }

    private TunOutput NewTunOutput(int queue)
    {
        var output = Keep(new TunOutput(Device.Queues[queue], Device.JoinsUdp, Limit));
        _tunOutputs.Add(output);
        return output;
    }

    private T Keep<T>(T buffer)
        where T : IDisposable
    {
        _buffers.Add(buffer);
        return buffer;
    }

    private void Start(string name, Action loop)
    {
        var thread = new Thread(() => Guard(loop)) { Name = name, IsBackground = true };
        _threads.Add(thread);
        thread.Start();
    }

    /// <summary>A fault costs the batch it happened in; a device that is gone ends the thread.</summary>
    private void Guard(Action loop)
    {
        while (!_stop.IsSet)
        {
            try
            {
                loop();
            }
            catch (IOException failure)
            {
                if (!_stop.IsSet)
                {
                    Log.Ended(_log, Device.Name, failure.Message);
                }

                return;
            }
            catch (Exception failure)
            {
                var now = _clock.GetTimestamp();
                var last = Interlocked.Exchange(ref _lastFault, now);
                if (last == 0 || _clock.GetElapsedTime(last, now) > TimeSpan.FromSeconds(10))
                {
                    Log.Fault(_log, failure, Thread.CurrentThread.Name!);
                }
            }
        }
    }

    private void Read(int queue, TunReader reader, UdpOutput output)
    {
        output.Discard();
        while (!_stop.IsSet)
        {
            if (!reader.Drain(ReadsPerFlush) && !Libc.WaitForInput(queue, _stop.Fd))
            {
                return;
            }
        }
    }

    private void Receive(int socket, UdpReceiver receiver, UdpOutput replies, TunOutput packets)
    {
        replies.Discard();
        packets.Discard();
        while (!_stop.IsSet)
        {
            if (!receiver.TryFill())
            {
                if (!Libc.WaitForInput(socket, _stop.Fd))
                {
                    return;
                }

                continue;
            }

            while (receiver.TryNext(out var datagram, out var from))
            {
                Core.Receive(datagram, from, replies, packets);
            }

            packets.Flush();
            replies.Flush();
        }
    }

    private void Handshakes(UdpOutput output)
    {
        // Of this thread alone: its share of a busy core goes to data first. Where it is refused, they share evenly.
        _ = Libc.SetPriority(0, 0, HandshakeNice);
        output.Discard();
        while (!_stop.IsSet)
        {
            if (Core.Handshakes!.Wait(TimeSpan.FromSeconds(10)))
            {
                Core.ServeHandshakes(HandshakesPerFlush, output);
                output.Flush();
            }
        }
    }

    private void Tick(UdpOutput output)
    {
        output.Discard();
        while (_stop.Wait(Clamp(Core.NextDeadline ?? s_longestTick)))
        {
            Core.Tick(output);
            output.Flush();
            WarnOfLimit();
        }

        static TimeSpan Clamp(TimeSpan time) => time < s_shortestTick ? s_shortestTick : time > s_longestTick ? s_longestTick : time;
    }

    /// <summary>Once a minute while the bandwidth limit drops packets.</summary>
    private void WarnOfLimit()
    {
        if (Limit is { } limit && limit.DroppedInbound + limit.DroppedOutbound is var dropped && dropped > _limitWarned
            && (_limitWarned == 0 || _clock.GetElapsedTime(_limitWarning) >= TimeSpan.FromMinutes(1)))
        {
            Log.Limited(_log, dropped - _limitWarned);
            _limitWarned = dropped;
            _limitWarning = _clock.GetTimestamp();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4001, LogLevel.Critical, "The network device {Device} is gone ({Reason}): machines can't be reached until the server is started again")]
        public static partial void Ended(ILogger log, string device, string reason);

        [LoggerMessage(4002, LogLevel.Error, "A fault in {Thread} cost the packets of one batch; please report it")]
        public static partial void Fault(ILogger log, Exception failure, string thread);

        [LoggerMessage(4003, LogLevel.Warning, "The bandwidth limit of the tunnel dropped {Packets} packets since the last warning: raise it if machines are slow to answer")]
        public static partial void Limited(ILogger log, long packets);
    }
}

/// <summary>What <see cref="TunnelLoops"/> are told.</summary>
internal sealed record LoopOptions(IReadOnlyList<IPEndPoint> ListenEndpoints, string DeviceName, int RxWorkers, int TxWorkers, TunnelBandwidth? Bandwidth);
