using System.Net;
using System.Net.Sockets;
using Fleethold.Simulator.Tunnels;

namespace Fleethold.Simulator.Logs;

/// <summary>
/// Sends the kernel log over TCP and never reads. A server that doesn't know the machine yet closes at once; what was written on a connection
/// that the server closed within 10 s counts as not sent. Tries again each second.
/// </summary>
internal sealed class LogSender(KernelLog log, IPEndPoint receiver, TimeProvider clock)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    // A busy server may take that long to accept a connection and to see that it doesn't know the machine.
    private static readonly TimeSpan EarlyClose = TimeSpan.FromSeconds(10);

    private long _sent;

    /// <summary>Called when lines were written, with their number.</summary>
    public Action<int>? Written { get; init; }

    /// <summary>Called when a connection was closed so early that what was written counts as not sent, with the number of those lines.</summary>
    public Action<int>? Lost { get; init; }

    /// <summary>Called when a connection failed or was closed.</summary>
    public Action? Failed { get; init; }

    /// <summary>Sends until it is cancelled; nothing is thrown then.</summary>
    public async Task Run(IPAddress from, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                using var socket = await BoundSocket.Connect(from, receiver, cancellation);
                await Send(socket, cancellation);
            }
            catch (Exception failure) when (failure is SocketException or IOException)
            {
            }
            catch (OperationCanceledException)
            {
                return;
            }

            Failed?.Invoke();
            try
            {
                await Task.Delay(Pause, clock, cancellation);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    // Returns when the server has closed.
    private async Task Send(Socket socket, CancellationToken cancellation)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task closed = socket.ReceiveAsync(Memory<byte>.Empty, ended.Token).AsTask();
        try
        {
            var written = _sent;
            var opened = clock.GetTimestamp();
            while (true)
            {
                var seen = log.Added.Count;
                var lines = log.From(written, out var next);
                for (var left = lines.AsMemory(); left.Length > 0;)
                {
                    left = left[await socket.SendAsync(left, cancellation)..];
                }

                if (written != next)
                {
                    Written?.Invoke((int)(next - written));
                    written = next;
                }

                if (await Task.WhenAny(closed, log.Added.After(seen, ended.Token)) == closed)
                {
                    if (clock.GetElapsedTime(opened) >= EarlyClose)
                    {
                        _sent = written;
                    }
                    else
                    {
                        Lost?.Invoke((int)(written - _sent));
                    }

                    return;
                }

                cancellation.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            await ended.CancelAsync();
            await closed.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
