namespace Fleethold.SideroLink.Wire;

/// <summary>The zeros after a packet, which hide some of its length (reference/wireguard.md 1.7).</summary>
internal static class Padding
{
    private const int Step = 16;

    /// <summary>The length of a packet with its padding: a multiple of 16, but never padded beyond the MTU.</summary>
    /// <param name="length">Bytes of the packet.</param>
    /// <param name="mtu">Bytes of the largest packet; 0: no limit. Of a longer packet only what is left after whole MTUs is looked at.</param>
    public static int PaddedLength(int length, int mtu)
    {
        var last = mtu > 0 && length > mtu ? length % mtu : length;
        var padded = (last + Step - 1) & ~(Step - 1);
        return length - last + (mtu > 0 ? Math.Min(padded, mtu) : padded);
    }
}
