using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Fleethold.SideroLink.Sinks;

/// <summary>
/// Receives the kernel logs of machines: plain TCP inside the tunnel, one line per message, raw (reference/siderolink.md 8.2). A machine is
/// known by its address alone. A line is neither read nor written anew here; it is cut at its limit and given to an <see cref="ILogLines"/>.
/// An idle connection holds no buffer.
/// </summary>
public sealed partial class LogReceiver : IAsyncDisposable
{
    private const int BufferSize = 16 * 1024;
    private const int Backlog = 4096;

    // How often one connection reads before others get their turn.
    private const int ReadsInARow = 8;

    private static readonly TimeSpan AcceptRetry = TimeSpan.FromSeconds(1);

    private readonly LogReceiverOptions _options;
    private readonly IMachineAddresses _machines;
    private readonly ILogLines _lines;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly ConcurrentDictionary<IPAddress, LogSource> _sources = new();
    private readonly ConcurrentDictionary<Socket, Task> _connections = new();
    private readonly CancellationTokenSource _stopping = new();
    private Socket? _listener;
    private Task _accepting = Task.CompletedTask;

    /// <summary>A receiver that doesn't listen yet.</summary>
    /// <param name="options">The limits.</param>
    /// <param name="machines">Who is a machine.</param>
    /// <param name="lines">Where lines go.</param>
    /// <param name="clock">The clock of limits and retries.</param>
    /// <param name="log">For what an operator should know.</param>
    public LogReceiver(LogReceiverOptions options, IMachineAddresses machines, ILogLines lines, TimeProvider clock, ILogger log) =>
        (_options, _machines, _lines, _clock, _log) = (options, machines, lines, clock, log);

    /// <summary>What it has done.</summary>
    public LogReceiverCounters Counters { get; } = new();

    /// <summary>Connections that are open now.</summary>
    public int OpenConnections => _connections.Count;

    /// <summary>Starts to listen.</summary>
    /// <param name="bound">A stream socket bound to the server's tunnel address and the port that machines are told; the receiver closes it.</param>
    public void Start(Socket bound)
    {
        bound.Listen(Backlog);
        _listener = bound;
        _accepting = Accept(bound);
    }

    /// <summary>A machine is gone: its address is looked up anew with its next line or connection.</summary>
    public void Forget(string machineId)
    {
        foreach (var (address, source) in _sources)
        {
            if (source.MachineId == machineId)
            {
                source.IsGone = true;
                _sources.TryRemove(new KeyValuePair<IPAddress, LogSource>(address, source));
            }
        }
    }

    /// <summary>
    /// Stops listening and resets every connection: machines only write, and would notice a gentle close no sooner than with their next line,
    /// which would be lost.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
        {
            return;
        }

        await _stopping.CancelAsync();
        _listener?.Dispose();
        await _accepting;
        foreach (var connection in _connections.Keys)
        {
            Reset(connection);
        }

        await Task.WhenAll(_connections.Values);
        _stopping.Dispose();
    }

    private async Task Accept(Socket listener)
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                Begin(await listener.AcceptAsync(_stopping.Token));
            }
            catch (Exception) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (SocketException failure) when (failure.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted)
            {
                // Gone before it was accepted.
            }
            catch (SocketException failure)
            {
                Log.CannotAccept(_log, failure.Message);
                await Task.Delay(AcceptRetry, _clock, CancellationToken.None);
            }
        }
    }

    private void Begin(Socket connection)
    {
        LogSource? source = null;
        IPAddress? address = null;
        try
        {
            address = ((IPEndPoint)connection.RemoteEndPoint!).Address;
            source = Find(address);
        }
        catch (SocketException)
        {
            // Gone already.
        }

        if (source is null || address is null)
        {
            Counters.CountStranger();
            Reset(connection);
            return;
        }

        KeepAlive(connection);
        Counters.CountAccepted();
        if (source.Add(connection, _options.ConnectionsPerAddress) is { } oldest)
        {
            Counters.CountDisplaced();
            Reset(oldest);
        }

        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _connections[connection] = done.Task;
        _ = Serve(connection, address, source, done);
    }

    private async Task Serve(Socket connection, IPAddress address, LogSource source, TaskCompletionSource done)
    {
        try
        {
            await Task.Yield();
            await Read(connection, address, source);
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The machine went, or we stop.
        }
        catch (Exception failure)
        {
            Log.ConnectionFailed(_log, source.MachineId, failure);
        }
        finally
        {
            source.Remove(connection);
            Reset(connection);
            _connections.TryRemove(connection, out _);
            done.SetResult();
        }
    }

    private async Task Read(Socket connection, IPAddress address, LogSource source)
    {
        var framer = new LineFramer(_options.LineLimit);
        while (true)
        {
            // Nothing is held while nothing comes.
            await connection.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, _stopping.Token);
            var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
            try
            {
                var received = 0;
                for (var reads = 0; reads < ReadsInARow && (reads == 0 || received == buffer.Length); reads++)
                {
                    received = await connection.ReceiveAsync(buffer, SocketFlags.None, _stopping.Token);
                    if (received == 0)
                    {
                        return;
                    }

                    ReadOnlyMemory<byte> input = buffer.AsMemory(0, received);
                    while (framer.TryNext(ref input, out var line, out var isCut))
                    {
                        if (isCut)
                        {
                            Counters.CountCut();
                        }

                        if (source.IsGone)
                        {
                            if (Find(address) is not { } now)
                            {
                                Counters.CountHomeless();
                                continue;
                            }

                            source = now;
                        }

                        await Give(source, line);
                    }
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    private async ValueTask Give(LogSource source, ReadOnlyMemory<byte> line)
    {
        switch (source.Bucket.Take(line.Length))
        {
            case Admission.TooFast:
                Counters.CountRateLimited();
                return;
            case Admission.TooMuch:
                Counters.CountOversize();
                return;
        }

        while (!_lines.TryWrite(source.MachineId, line.Span))
        {
            await _lines.WhenRoom(_stopping.Token);
        }

        Counters.CountLine(line.Length);
    }

    private LogSource? Find(IPAddress address)
    {
        if (_sources.TryGetValue(address, out var known))
        {
            return known;
        }

        return _machines.Find(address) is { } machineId
            ? _sources.GetOrAdd(address, new LogSource(machineId, new TokenBucket(_options.BytesPerSecond, _options.Burst, _clock)))
            : null;
    }

    // A machine that lost its power says nothing, and we never write: only the kernel can find out.
    private static void KeepAlive(Socket connection)
    {
        connection.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        connection.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 120);
        connection.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 30);
        connection.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 4);
    }

    private static void Reset(Socket connection)
    {
        try
        {
            connection.LingerState = new LingerOption(true, 0);
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            // Closed already.
        }

        connection.Dispose();
    }

    private static partial class Log
    {
        [LoggerMessage(
            320,
            LogLevel.Warning,
            "can't accept connections that bring logs of machines: {Reason}; trying again each second. See that the limit of open files suffices")]
        public static partial void CannotAccept(ILogger logger, string reason);

        [LoggerMessage(321, LogLevel.Error, "the connection with logs of machine {Machine} was closed by an unexpected error; the machine connects again")]
        public static partial void ConnectionFailed(ILogger logger, string machine, Exception failure);
    }
}
