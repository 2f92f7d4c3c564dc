using System.Net;
using System.Text;
using Fleethold.SideroLink.Sockets;

namespace Fleethold.SideroLink.Tun;

/// <summary>
/// A virtual network device of the kernel with offloads: it hands out TCP (and, where the kernel has it, UDP) packets of up to 64 KiB and takes
/// such, without checksums. It vanishes with the process. Reading never waits.
/// </summary>
internal sealed unsafe class TunDevice : IDisposable
{
    private const nuint SetInterface = 0x400454ca;
    private const nuint SetOffload = 0x400454d0;
    private const nuint GetInterfaceIndex = 0x8933;
    private const ushort Flags = 0x5001; // TUN, no packet information, virtio header
    private const ushort MultiQueue = 0x100;
    private const int TcpOffloads = 0x7;
    private const int UdpOffloads = 0x60;
    private readonly int[] _queues;

    private TunDevice(int[] queues, string name)
    {
        _queues = queues;
        Name = name;
    }

    /// <summary>Its name, as the kernel has it.</summary>
    public string Name { get; private set; }

    /// <summary>Its number in this network namespace.</summary>
    public int Index { get; private set; }

    /// <summary>Whether several UDP packets may be handed over as one.</summary>
    public bool JoinsUdp { get; private set; }

    /// <summary>The descriptors to read from and write to, one per queue.</summary>
    public IReadOnlyList<int> Queues => _queues;

    /// <summary>Makes the device; it isn't up yet.</summary>
    /// <param name="name">Its name, at most 15 characters; <c>%d</c> in it stands for a free number.</param>
    /// <param name="queues">How many queues, at least 1.</param>
    /// <exception cref="TunnelUnavailableException">It can't be made.</exception>
    public static TunDevice Open(string name, int queues)
    {
        if (name.Length is 0 or > 15 || Encoding.ASCII.GetByteCount(name) != name.Length)
        {
            throw new TunnelUnavailableException($"'{name}' can't be the name of a network device: choose one of 1 to 15 ASCII characters");
        }

        var fds = new int[queues];
        Array.Fill(fds, -1);
        var device = new TunDevice(fds, name);
        try
        {
            for (var i = 0; i < queues; i++)
            {
                device.OpenQueue(i, queues > 1);
            }

            device.JoinsUdp = Libc.Ioctl(fds[0], SetOffload, TcpOffloads | UdpOffloads) == 0;
            if (!device.JoinsUdp && Libc.Ioctl(fds[0], SetOffload, TcpOffloads) != 0)
            {
                throw device.Failure("its offloads can't be set", Libc.LastError);
            }

            return device;
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    /// <summary>Sets the MTU, takes the device up and gives it an address.</summary>
    /// <param name="mtu">Bytes of the largest packet.</param>
    /// <param name="address">Its address; null for none.</param>
    /// <param name="prefixLength">The length of the network that is reached by it.</param>
    /// <exception cref="TunnelUnavailableException">The kernel refused.</exception>
    public void Configure(int mtu, IPAddress? address, int prefixLength)
    {
        using var netlink = new Netlink();
        Check(netlink.Up(Index, mtu), "it can't be taken up");
        EnableIPv6();
        if (address is not null)
        {
            var error = netlink.Address(Index, address, prefixLength);
            if (error is Libc.EACCES or Libc.EOPNOTSUPP)
            {
                throw new TunnelUnavailableException(
                    $"IPv6 is switched off for the network device '{Name}', but every address inside the tunnel is of IPv6: set net.ipv6.conf.all.disable_ipv6=0 (of a container: --sysctl net.ipv6.conf.all.disable_ipv6=0)");
            }

            Check(error, $"it can't have the address {address}/{prefixLength}");
        }
    }

    /// <summary>Makes every address of a network one of this host's, but sends packets to one of them out of the device.</summary>
    /// <param name="network">The network.</param>
    /// <param name="remote">The address that isn't of this host.</param>
    /// <exception cref="TunnelUnavailableException">The kernel refused.</exception>
    public void OwnNetwork(IPNetwork network, IPAddress remote)
    {
        using var netlink = new Netlink();
        Check(netlink.LocalRoute(Index, network), $"{network} can't be made local");
        Check(netlink.UnicastRouteAmongLocal(Index, remote), $"{remote} can't be routed to it");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        for (var i = 0; i < _queues.Length; i++)
        {
            if (_queues[i] >= 0)
            {
                _ = Libc.Close(_queues[i]);
                _queues[i] = -1;
            }
        }
    }

    private void OpenQueue(int queue, bool several)
    {
        var fd = Libc.Open("/dev/net/tun", Libc.O_RDWR | Libc.O_CLOEXEC | Libc.O_NONBLOCK);
        if (fd < 0)
        {
            throw new TunnelUnavailableException(Libc.LastError switch
            {
                Libc.ENOENT => "/dev/net/tun doesn't exist: load the kernel module tun, or pass the device into the container (--device /dev/net/tun)",
                Libc.ENODEV or Libc.ENXIO => "/dev/net/tun has no driver: load the kernel module tun (modprobe tun)",
                Libc.EACCES or Libc.EPERM => "/dev/net/tun can't be opened for lack of rights: run as root or with the capability CAP_NET_ADMIN, and allow the device 10:200 to the container",
                var error => $"/dev/net/tun can't be opened: {Libc.Describe(error)}",
            });
        }

        _queues[queue] = fd;
        var request = stackalloc byte[40];
        var span = new Span<byte>(request, 40);
        span.Clear();
        Encoding.ASCII.GetBytes(Name, span);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16LittleEndian(span[16..], (ushort)(Flags | (several ? MultiQueue : 0)));
        if (Libc.Ioctl(fd, SetInterface, (nint)request) != 0)
        {
            throw Libc.LastError switch
            {
                Libc.EPERM or Libc.EACCES => new TunnelUnavailableException(
                    $"the network device '{Name}' can't be made without the capability CAP_NET_ADMIN: run as root, or grant it (AmbientCapabilities=CAP_NET_ADMIN, --cap-add NET_ADMIN)"),
                Libc.EBUSY => new TunnelUnavailableException(
                    $"the network device '{Name}' is in use by another program: stop that program or choose another device name"),
                Libc.EINVAL => new TunnelUnavailableException(
                    $"a network device '{Name}' of another kind exists: remove it (ip link delete {Name}) or choose another device name"),
                var error => Failure("it can't be made", error),
            };
        }

        Name = Encoding.ASCII.GetString(span[..span[..16].IndexOf((byte)0)]);
        if (queue == 0)
        {
            var socket = Libc.Socket(Libc.AF_INET, Libc.SOCK_DGRAM | Libc.SOCK_CLOEXEC, 0);
            var answer = Libc.Ioctl(socket, GetInterfaceIndex, (nint)request);
            var error = Libc.LastError;
            _ = Libc.Close(socket);
            Check(answer == 0 ? 0 : error, "its number can't be read");
            Index = System.Buffers.Binary.BinaryPrimitives.ReadInt32LittleEndian(span[16..]);
        }
    }

    /// <summary>Where IPv6 is off by default it is switched on for the device; whether that worked shows when it gets its address.</summary>
    private void EnableIPv6()
    {
        try
        {
            var setting = $"/proc/sys/net/ipv6/conf/{Name}/disable_ipv6";
            if (File.ReadAllText(setting).Trim() != "0")
            {
                File.WriteAllText(setting, "0");
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Read-only in many containers, and absent without IPv6.
        }
    }

    private void Check(int error, string what)
    {
        if (error != 0)
        {
            throw Failure(what, error);
        }
    }

    private TunnelUnavailableException Failure(string what, int error) => new(error is Libc.EPERM or Libc.EACCES
        ? $"the network device '{Name}': {what} without the capability CAP_NET_ADMIN: run as root or grant it"
        : $"the network device '{Name}': {what}: {Libc.Describe(error)}");
}
