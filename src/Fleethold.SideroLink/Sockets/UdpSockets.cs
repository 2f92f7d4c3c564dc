using System.Net;
using Fleethold.SideroLink.Engine;

namespace Fleethold.SideroLink.Sockets;

/// <summary>
/// The UDP sockets of a tunnel: for each listen address so many as there are receivers, sharing the port (SO_REUSEPORT spreads senders over
/// them and keeps each sender on one), so order within a sender is kept.
/// </summary>
internal sealed unsafe class UdpSockets : IDisposable
{
    private const int BufferBytes = 7 << 20;
    private readonly List<int> _v4 = [];
    private readonly List<int> _v6 = [];

    private UdpSockets()
    {
    }

    /// <summary>Every socket that must be read.</summary>
    public IEnumerable<int> All => _v4.Concat(_v6);

    /// <summary>The port of the first socket.</summary>
    public int Port { get; private set; }

    /// <summary>The socket that sends over IPv4; -1 when there is none.</summary>
    public int V4 => _v4.Count > 0 ? _v4[0] : -1;

    /// <summary>The socket that sends over IPv6; -1 when there is none.</summary>
    public int V6 => _v6.Count > 0 ? _v6[0] : -1;

    /// <summary>Binds the addresses. An any-address of IPv6 takes only IPv6, so list both for both (reference/wireguard.md 7, trap 5).</summary>
    /// <param name="endpoints">Where to listen. Port 0 takes a free one, the same for all that ask for it.</param>
    /// <param name="receivers">Sockets per address, at least 1.</param>
    /// <exception cref="TunnelUnavailableException">An address can't be had.</exception>
    public static UdpSockets Open(IReadOnlyList<IPEndPoint> endpoints, int receivers)
    {
        var sockets = new UdpSockets();
        try
        {
            foreach (var endpoint in endpoints)
            {
                for (var i = 0; i < receivers; i++)
                {
                    sockets.Add(endpoint, receivers > 1);
                }
            }

            return sockets;
        }
        catch
        {
            sockets.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var fd in All)
        {
            _ = Libc.Close(fd);
        }

        _v4.Clear();
        _v6.Clear();
    }

    private void Add(IPEndPoint endpoint, bool shared)
    {
        var v4 = endpoint.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork;
        var fd = Libc.Socket(v4 ? Libc.AF_INET : Libc.AF_INET6, Libc.SOCK_DGRAM | Libc.SOCK_CLOEXEC, 0);
        if (fd < 0)
        {
            if (!v4 && Libc.LastError == Libc.EAFNOSUPPORT && endpoint.Address.Equals(IPAddress.IPv6Any) && _v4.Count > 0)
            {
                return; // A host without IPv6 serves IPv4.
            }

            throw Failure(endpoint, Libc.LastError);
        }

        (v4 ? _v4 : _v6).Add(fd);
        if (!v4)
        {
            Libc.TrySetOption(fd, Libc.IPPROTO_IPV6, Libc.IPV6_V6ONLY, 1);
        }

        if (shared)
        {
            Libc.TrySetOption(fd, Libc.SOL_SOCKET, Libc.SO_REUSEPORT, 1);
        }

        // FORCE needs CAP_NET_ADMIN; without it the kernel's maximum holds (reference/wireguard.md 3.1).
        Libc.TrySetOption(fd, Libc.SOL_SOCKET, Libc.SO_RCVBUF, BufferBytes);
        Libc.TrySetOption(fd, Libc.SOL_SOCKET, Libc.SO_SNDBUF, BufferBytes);
        Libc.TrySetOption(fd, Libc.SOL_SOCKET, Libc.SO_RCVBUFFORCE, BufferBytes);
        Libc.TrySetOption(fd, Libc.SOL_SOCKET, Libc.SO_SNDBUFFORCE, BufferBytes);
        Libc.TrySetOption(fd, Libc.SOL_UDP, Libc.UDP_GRO, 1);
        var port = endpoint.Port == 0 ? Port : endpoint.Port;
        var name = stackalloc byte[SocketAddress.MaxLength];
        var span = new Span<byte>(name, SocketAddress.MaxLength);
        var length = (uint)SocketAddress.Write(PeerEndpoint.Udp(endpoint.Address, port), span);
        if (v4 != (length == 16) || Libc.Bind(fd, name, length) != 0)
        {
            throw Failure(endpoint, Libc.LastError);
        }

        length = SocketAddress.MaxLength;
        if (Port == 0 && Libc.GetSocketName(fd, name, &length) == 0)
        {
            Port = SocketAddress.Read(span[..(int)length]).Port;
        }
    }

    private static TunnelUnavailableException Failure(IPEndPoint endpoint, int error) => new(error switch
    {
        Libc.EADDRINUSE => $"UDP {endpoint} is in use by another program: choose another port for WireGuard or stop that program",
        Libc.EADDRNOTAVAIL => $"UDP {endpoint} can't be bound because this host doesn't have the address: choose one of its addresses, or 0.0.0.0 and [::] for all",
        Libc.EACCES or Libc.EPERM => $"UDP {endpoint} can't be bound without the right CAP_NET_BIND_SERVICE: choose a port above 1023 or grant it",
        _ => $"UDP {endpoint} can't be bound: {Libc.Describe(error)}",
    });
}
