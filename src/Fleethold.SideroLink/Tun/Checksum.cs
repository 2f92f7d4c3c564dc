using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Fleethold.SideroLink.Tun;

/// <summary>
/// The Internet checksum (RFC 1071). Sums are of 16-bit words as they lie in memory, read little-endian; the sum of swapped words is the swapped
/// sum, so <see cref="Store"/> puts the right bytes in place.
/// </summary>
internal static class Checksum
{
    /// <summary>Adds all bytes, an odd last one as if a zero followed, to a sum.</summary>
    /// <param name="bytes">At most 1 MiB.</param>
    /// <param name="sum">What was added before, from an even number of bytes.</param>
    public static ulong Add(ReadOnlySpan<byte> bytes, ulong sum = 0)
    {
        ref var start = ref MemoryMarshal.GetReference(bytes);
        nint i = 0;
        if (Vector256.IsHardwareAccelerated && bytes.Length >= 64)
        {
            var low = Vector256<uint>.Zero;
            var high = Vector256<uint>.Zero;
            for (; i <= bytes.Length - 32; i += 32)
            {
                var (even, odd) = Vector256.Widen(Vector256.LoadUnsafe(ref Unsafe.Add(ref start, i)).AsUInt16());
                low += even;
                high += odd;
            }

            sum += SumOf(low) + SumOf(high);
        }

        for (; i <= bytes.Length - 4; i += 4)
        {
            sum += Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref start, i));
        }

        if (i <= bytes.Length - 2)
        {
            sum += Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref start, i));
            i += 2;
        }

        return i < bytes.Length ? sum + Unsafe.Add(ref start, i) : sum;
    }

    /// <summary>The sum of a pseudo-header.</summary>
    /// <param name="addresses">Source and destination, 8 or 32 bytes.</param>
    /// <param name="protocol">The transport protocol.</param>
    /// <param name="length">Bytes of transport header and payload.</param>
    public static ulong PseudoHeader(ReadOnlySpan<byte> addresses, byte protocol, int length) =>
        Add(addresses) + ((ulong)protocol << 8) + BinaryPrimitives.ReverseEndianness((ushort)length);

    /// <summary>The sum in 16 bits.</summary>
    public static ushort Fold(ulong sum)
    {
        sum = (sum & 0xffff_ffff) + (sum >> 32);
        sum = (sum & 0xffff) + (sum >> 16);
        sum = (sum & 0xffff) + (sum >> 16);
        sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)sum;
    }

    /// <summary>The finished checksum of a sum, to be put in place by <see cref="Store"/>.</summary>
    public static ushort Finish(ulong sum) => (ushort)~Fold(sum);

    /// <summary>Puts a sum or checksum in place.</summary>
    public static void Store(Span<byte> at, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(at, value);

    private static ulong SumOf(Vector256<uint> lanes)
    {
        var (low, high) = Vector256.Widen(lanes);
        return Vector256.Sum(low + high);
    }
}
