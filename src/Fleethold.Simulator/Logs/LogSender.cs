using System.Net;
using System.Net.Sockets;
using Fleethold.Simulator.Tunnels;

namespace Fleethold.Simulator.Logs;

/// <summary>
/// Sends the kernel log over TCP and never reads. A server that doesn't know the machine yet closes at once; what was written on a connection that
/// lived for less than a second counts as not sent. Tries again each second.
/// </summary>
internal sealed class LogSender(KernelLog log, IPEndPoint receiver, TimeProvider clock)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private long _sent;

    /// <summary>Called when a first connection has taken lines and lived on.</summary>
    public Action<int>? Accepted { get; init; }

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
                    Accepted?.Invoke((int)(next - written));
                    written = next;
                }

                if (await Task.WhenAny(closed, log.Added.After(seen, ended.Token)) == closed)
                {
                    _sent = clock.GetElapsedTime(opened) >= Pause ? written : _sent;
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
