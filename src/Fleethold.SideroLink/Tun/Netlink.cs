using System.Buffers.Binary;
using System.Net;
using Fleethold.SideroLink.Sockets;

namespace Fleethold.SideroLink.Tun;

/// <summary>The few rtnetlink requests that set up a device (reference/wireguard.md 6). Each returns 0 or the kernel's error number.</summary>
internal sealed unsafe class Netlink : IDisposable
{
    private const ushort NewLink = 16;
    private const ushort NewAddress = 20;
    private const ushort NewRoute = 24;
    private const ushort Request = 0x5; // with an acknowledgement
    private const ushort Create = 0x505; // the same, made or replaced
    private const byte LocalTable = 255;
    private readonly int _fd = Libc.Socket(Libc.AF_NETLINK, Libc.SOCK_RAW | Libc.SOCK_CLOEXEC, 0);
    private readonly byte[] _buffer = new byte[512];
    private int _length;
    private uint _sequence;

    /// <summary>Sets the MTU and takes the device up.</summary>
    public int Up(int device, int mtu)
    {
        Start(NewLink, Request);
        Append16(0);
        Append16(0);
        Append32((uint)device);
        Append32(1);
        Append32(1);
        Attribute(4, (uint)mtu);
        return Exchange();
    }

    /// <summary>Gives the device an address, usable at once.</summary>
    public int Address(int device, IPAddress address, int prefixLength)
    {
        var bytes = address.GetAddressBytes();
        Start(NewAddress, Create);
        Append([(byte)(bytes.Length == 4 ? Libc.AF_INET : Libc.AF_INET6), (byte)prefixLength, 0, 0]);
        Append32((uint)device);
        Attribute(1, bytes);
        if (bytes.Length == 4)
        {
            Attribute(2, bytes);
        }
        else
        {
            Attribute(8, 2u); // no duplicate address detection
        }

        return Exchange();
    }

    /// <summary>Makes every address of a network one of this host's.</summary>
    public int LocalRoute(int device, IPNetwork network) => Route(device, network.BaseAddress, network.PrefixLength, type: 2);

    /// <summary>Sends packets to one address out of the device although its network is local.</summary>
    public int UnicastRouteAmongLocal(int device, IPAddress address) => Route(device, address, address.GetAddressBytes().Length * 8, type: 1);

    /// <inheritdoc/>
    public void Dispose() => _ = Libc.Close(_fd);

    private int Route(int device, IPAddress destination, int length, byte type)
    {
        var bytes = destination.GetAddressBytes();
        Start(NewRoute, Create);
        Append([(byte)(bytes.Length == 4 ? Libc.AF_INET : Libc.AF_INET6), (byte)length, 0, 0, LocalTable, 4, 0, type]);
        Append32(0);
        Attribute(1, bytes);
        Attribute(4, (uint)device);
        return Exchange();
    }

    private void Start(ushort type, ushort flags)
    {
        _length = 0;
        Append32(0);
        Append16(type);
        Append16(flags);
        Append32(++_sequence);
        Append32(0);
    }

    private void Attribute(ushort type, uint value)
    {
        Append16(8);
        Append16(type);
        Append32(value);
    }

    private void Attribute(ushort type, ReadOnlySpan<byte> value)
    {
        Append16((ushort)(value.Length + 4));
        Append16(type);
        Append(value);
        _length = (_length + 3) & ~3;
    }

    private void Append16(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_buffer.AsSpan(_length), value);
        _length += 2;
    }

    private void Append32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.AsSpan(_length), value);
        _length += 4;
    }

    private void Append(ReadOnlySpan<byte> value)
    {
        value.CopyTo(_buffer.AsSpan(_length));
        _length += value.Length;
    }

    private int Exchange()
    {
        BinaryPrimitives.WriteInt32LittleEndian(_buffer, _length);
        var reply = stackalloc byte[1024];
        fixed (byte* request = _buffer)
        {
            if (Libc.Send(_fd, request, (nuint)_length, 0) < 0)
            {
                return Libc.LastError;
            }
        }

        while (true)
        {
            var length = Libc.Receive(_fd, reply, 1024, 0);
            if (length < 0 && Libc.LastError != Libc.EINTR)
            {
                return Libc.LastError;
            }

            var message = new ReadOnlySpan<byte>(reply, (int)Math.Max(0, length));
            if (message.Length >= 20 && BinaryPrimitives.ReadUInt16LittleEndian(message[4..]) == 2 && BinaryPrimitives.ReadUInt32LittleEndian(message[8..]) == _sequence)
            {
                return -BinaryPrimitives.ReadInt32LittleEndian(message[16..]);
            }
        }
    }
}
