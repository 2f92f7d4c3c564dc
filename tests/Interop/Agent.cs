using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Fleethold.SideroLink;
using Fleethold.SideroLink.Engine;
using Fleethold.SideroLink.Wire;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fleethold.Interop;

/// <summary>
/// A process in a network namespace that does what lines on its standard input say, and answers each with one line: <c>ok</c> and what was asked
/// for, or <c>error</c> and why. It ends with its input.
/// </summary>
internal sealed class Agent : IAsyncDisposable
{
    /// <summary>The first argument that makes this program an agent.</summary>
    public const string Argument = "agent";

    private readonly List<TcpListener> _listeners = [];
    private readonly List<Relay> _relays = [];
    private readonly Streams _streams = new();
    private WireGuardTunnel? _tunnel;
    private MachineTunnels? _machines;
    private long _sunk;

    public static async Task<int> Run(TextReader input, TextWriter output)
    {
        await using var agent = new Agent();
        while (await input.ReadLineAsync() is { } line)
        {
            string answer;
            try
            {
                answer = "ok " + await agent.Do(line.Split(' '));
            }
            catch (Exception failure)
            {
                answer = "error " + (failure is TunnelUnavailableException ? failure.Message : failure.ToString()).ReplaceLineEndings(" | ");
            }

            await output.WriteLineAsync(answer.TrimEnd());
            await output.FlushAsync();
        }

        return 0;
    }

    public async ValueTask DisposeAsync()
    {
        _listeners.ForEach(listener => listener.Dispose());
        foreach (var relay in _relays)
        {
            await relay.DisposeAsync();
        }

        await _streams.DisposeAsync();
        await Close();
    }

    private async Task<string> Do(string[] words)
    {
        switch (words)
        {
            case ["open", var device, var key, var address, var port, var keepalive, .. var further]:
                var options = new TunnelOptions
                {
                    DeviceName = device,
                    PrivateKey = Convert.FromBase64String(key),
                    Address = IPAddress.Parse(address),
                    ListenEndpoints = [new(IPAddress.Any, Number(port)), new(IPAddress.IPv6Any, Number(port))],
                    KeepaliveSeconds = (ushort)Number(keepalive),
                    InitiationSpread = TimeSpan.Zero,
                };
                options = further switch
                {
                    ["cookies"] => options with { HandshakeBudget = TimeSpan.Zero },
                    ["workers"] => options with { RxWorkers = 2, TxWorkers = 2 },
                    ["limited"] => options with { Bandwidth = new TunnelBandwidth(2_000_000, 100_000) },
                    _ => options,
                };
                _tunnel = WireGuardTunnel.Open(options, _streams, TimeProvider.System, new ErrorLog());
                return _tunnel.PublicKey.ToString();
            case ["close"]:
                await Close();
                return "";
            case ["peer", var key, var address, var endpoint]:
                _tunnel!.Set(new LinkPeer(Key(key), IPAddress.Parse(address), null, Endpoint(endpoint)));
                return "";
            case ["remove", var key]:
                _tunnel!.Remove(Key(key));
                return "";
            case ["find", var key]:
                return _tunnel!.Find(Key(key)) is { } found
                    ? string.Create(CultureInfo.InvariantCulture, $"{found.LastHandshake?.ToUnixTimeMilliseconds() ?? 0} {found.Received} {found.Sent} {found.Endpoint} {found.EndpointChanges}")
                    : "none";
            case ["stream", "listen", var at]:
                _streams.Listen(IPEndPoint.Parse(at), _tunnel!);
                return "";
            case ["stream", "dial", var to]:
                await _streams.Dial(IPEndPoint.Parse(to), _tunnel!);
                return "";
            case ["limited"]:
                return string.Create(CultureInfo.InvariantCulture, $"{_tunnel!.LimitedInbound} {_tunnel.LimitedOutbound}");
            case ["dropped"]:
                return string.Create(CultureInfo.InvariantCulture, $"{_tunnel!.DatagramsDropped} {_tunnel.PacketsDropped}");
            case ["counters"]:
                var counters = _tunnel?.Counters ?? _machines!.Counters;
                return string.Create(CultureInfo.InvariantCulture, $"handshakes={counters.Handshakes} cookies={counters.CookiesSent} replayed={counters[DropReason.Replayed]} wrong={counters[DropReason.NotAuthentic]}");
            case ["machines"]:
                _machines = MachineTunnels.Open(new MachineTunnelOptions(), null, TimeProvider.System, new ErrorLog());
                return "";
            case ["machine", var key, var address, var serverKey, var endpoint]:
                return _machines!.AddMachine(
                    Convert.FromBase64String(key), IPAddress.Parse(address), Key(serverKey), TunnelAddresses.Server, Endpoint(endpoint)).ToString();
            case ["serve", var address, var port]:
                Serve(IPAddress.Parse(address), Number(port));
                return "";
            case ["send", var address, var port, var bytes, var seed, .. var from]:
                return await Send(new IPEndPoint(IPAddress.Parse(address), Number(port)), Number(bytes), Number(seed), from is [var source] ? IPAddress.Parse(source) : null);
            case ["sink", var address, var port]:
                Sink(new IPEndPoint(IPAddress.Parse(address), Number(port)));
                return "";
            case ["sunk"]:
                return Volatile.Read(ref _sunk).ToString(CultureInfo.InvariantCulture);
            case ["flood", var address, var port, var length, var milliseconds]:
                return Flood(new IPEndPoint(IPAddress.Parse(address), Number(port)), Number(length), TimeSpan.FromMilliseconds(Number(milliseconds)));
            case ["relay", var listen, var target, var seed, var loss, var duplicates, var reordered, var delay]:
                _relays.Add(new Relay(IPEndPoint.Parse(listen), IPEndPoint.Parse(target), Number(seed), Number(loss), Number(duplicates), Number(reordered), Number(delay)));
                return "";
            case ["relayed"]:
                return string.Join(' ', _relays.Select(relay => relay.ToString()));
            default:
                throw new ArgumentException($"there is no command '{string.Join(' ', words)}'");
        }
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static PublicKey Key(string text) => PublicKey.TryParse(text, out var key) ? key : throw new ArgumentException($"'{text}' is no key");

    private static PeerEndpoint Endpoint(string text) => text == "-" ? PeerEndpoint.None : text == "stream" ? Streams.Endpoint : PeerEndpoint.Udp(IPEndPoint.Parse(text).Address, IPEndPoint.Parse(text).Port);

    private async Task Close()
    {
        if (_tunnel is not null)
        {
            await _tunnel.DisposeAsync();
            _tunnel = null;
        }

        if (_machines is not null)
        {
            await _machines.DisposeAsync();
            _machines = null;
        }
    }

    /// <summary>IPV6_FREEBIND: the address is local by a route only, or its device comes later.</summary>
    private static void FreeBind(Socket socket) => socket.SetRawSocketOption(41, 78, BitConverter.GetBytes(1));

    /// <summary>Answers each connection with the hash of all it sent.</summary>
    private void Serve(IPAddress address, int port)
    {
        var listener = new TcpListener(address, port);
        FreeBind(listener.Server);
        listener.Start(1000);
        _listeners.Add(listener);
        _ = Task.Run(async () =>
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync();
                _ = Task.Run(async () =>
                {
                    using (client)
                    {
                        var stream = client.GetStream();
                        await stream.WriteAsync(await SHA256.HashDataAsync(stream));
                    }
                });
            }
        });
    }

    /// <summary>Counts the datagrams that arrive.</summary>
    private void Sink(IPEndPoint at)
    {
        var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 1 << 20 };
        socket.Bind(at);
        var thread = new Thread(() =>
        {
            var buffer = new byte[2048];
            while (true)
            {
                socket.Receive(buffer);
                Interlocked.Increment(ref _sunk);
            }
        });
        thread.IsBackground = true;
        thread.Start();
    }

    /// <summary>Sends datagrams as fast as it can; how many.</summary>
    private static string Flood(IPEndPoint to, int length, TimeSpan time)
    {
        using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp);
        socket.Connect(to);
        var datagram = new byte[length];
        var start = TimeProvider.System.GetTimestamp();
        var sent = 0;
        while (TimeProvider.System.GetElapsedTime(start) < time)
        {
            for (var i = 0; i < 100; i++, sent++)
            {
                socket.Send(datagram);
            }
        }

        return sent.ToString(CultureInfo.InvariantCulture);
    }

    private static async Task<string> Send(IPEndPoint to, int bytes, int seed, IPAddress? from)
    {
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(100));
        using var client = new TcpClient(AddressFamily.InterNetworkV6);
        if (from is not null)
        {
            FreeBind(client.Client);
            client.Client.Bind(new IPEndPoint(from, 0));
        }

        await client.ConnectAsync(to, end.Token);
        var stream = client.GetStream();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var random = new Random(seed);
        var buffer = new byte[256 * 1024];
        for (var left = bytes; left > 0;)
        {
            var length = Math.Min(left, buffer.Length);
            random.NextBytes(buffer.AsSpan(0, length));
            hash.AppendData(buffer, 0, length);
            await stream.WriteAsync(buffer.AsMemory(0, length), end.Token);
            left -= length;
        }

        client.Client.Shutdown(SocketShutdown.Send);
        var answer = new byte[32];
        await stream.ReadExactlyAsync(answer, end.Token);
        return answer.AsSpan().SequenceEqual(hash.GetHashAndReset()) ? "intact" : throw new InvalidDataException("what arrived isn't what was sent");
    }

    private sealed class ErrorLog : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => NullLogger.Instance.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                Console.Error.WriteLine($"{logLevel}: {formatter(state, exception)} {exception}");
            }
        }
    }
}
