using Fleethold.SideroLink.Engine;
using Fleethold.SideroLink.Sockets;

namespace Fleethold.SideroLink.Tun;

/// <summary>Takes packets from a queue of the device and seals their segments where they are sent from. One thread owns it.</summary>
/// <param name="fd">The queue; its owner closes it.</param>
/// <param name="core">Routes and seals.</param>
/// <param name="output">Where datagrams go.</param>
internal sealed unsafe class TunReader(int fd, WireGuardCore core, IDatagramOutput output) : IDisposable
{
    private const int BufferLength = 65_536 + VirtioHeader.Length;
    private readonly NativeBlock _buffer = new(BufferLength);
    private readonly NativeBlock _staging = new(65_536);
    private long _unroutable;

    /// <summary>Packets for which there is no peer.</summary>
    public long Unroutable => Volatile.Read(ref _unroutable);

    /// <summary>Takes packets until there is none, at most so many, then flushes. Doesn't wait.</summary>
    /// <param name="most">How many reads.</param>
    /// <returns>Whether there may be more.</returns>
    /// <exception cref="IOException">The device is gone.</exception>
    public bool Drain(int most)
    {
        for (var i = 0; i < most; i++)
        {
            var length = Libc.Read(fd, _buffer.Start, BufferLength);
            if (length < 0 && Libc.LastError == Libc.EINTR)
            {
                continue;
            }

            if (length <= 0)
            {
                var error = length < 0 ? Libc.LastError : Libc.EAGAIN;
                output.Flush();
                return error is Libc.EAGAIN or Libc.EIO ? false : throw new IOException($"the network device can't be read: {Libc.Describe(error)}");
            }

            if (SuperPacket.TryRead(new Span<byte>(_buffer.Start, (int)length), out var packet))
            {
                Seal(packet);
            }
        }

        output.Flush();
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ((IDisposable)_buffer).Dispose();
        ((IDisposable)_staging).Dispose();
    }

    private void Seal(in SuperPacket packet)
    {
        if (core.Route(packet.Packet) is not { } peer)
        {
            _unroutable++;
            return;
        }

        var endpoint = peer.Endpoint;
        for (var segment = 0; segment < packet.Count; segment++)
        {
            var length = packet.LengthOf(segment);
            if (endpoint.Kind != EndpointKind.None)
            {
                var needed = core.SealedLength(length);
                var room = output.Reserve(endpoint, needed)[..needed];
                packet.Write(segment, room.Slice(WireGuardCore.HeaderLength, length));
                var datagram = core.Seal(peer, room, length);
                if (datagram > 0)
                {
                    output.Commit(datagram);
                    continue;
                }
            }

            var staged = new Span<byte>(_staging.Start, length);
            packet.Write(segment, staged);
            core.Stage(peer, staged, output);
        }
    }
}
