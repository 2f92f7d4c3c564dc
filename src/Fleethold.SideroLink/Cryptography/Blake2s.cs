using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;

namespace Fleethold.SideroLink.Cryptography;

/// <summary>BLAKE2s (RFC 7693), with or without a key, for digests of up to 32 bytes. A value that holds the state; don't copy it.</summary>
internal struct Blake2s
{
    /// <summary>Bytes of a block.</summary>
    public const int BlockLength = 64;

    private Vector128<uint> _low;
    private Vector128<uint> _high;
    private Block _block;
    private int _filled;
    private ulong _total;

    /// <summary>Starts.</summary>
    /// <param name="digestLength">Bytes of the digest, 1 to 32; another length gives another digest, not a shorter one.</param>
    /// <param name="key">Up to 32 bytes; empty for none.</param>
    public Blake2s(int digestLength, ReadOnlySpan<byte> key)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(key.Length, 32);
        ArgumentOutOfRangeException.ThrowIfLessThan(digestLength, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(digestLength, 32);
        _low = InitialLow ^ Vector128.CreateScalar(0x01010000u ^ ((uint)key.Length << 8) ^ (uint)digestLength);
        _high = InitialHigh;
        if (!key.IsEmpty)
        {
            key.CopyTo(_block);
            _filled = BlockLength;
        }
    }

    /// <summary>Which word of the block is mixed in when, ten rounds of sixteen.</summary>
    private static ReadOnlySpan<byte> Order =>
    [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
        14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3,
        11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4,
        7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8,
        9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13,
        2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9,
        12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11,
        13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10,
        6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5,
        10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0,
    ];

    private static Vector128<uint> InitialLow => Vector128.Create(0x6a09e667u, 0xbb67ae85u, 0x3c6ef372u, 0xa54ff53au);

    private static Vector128<uint> InitialHigh => Vector128.Create(0x510e527fu, 0x9b05688cu, 0x1f83d9abu, 0x5be0cd19u);

    /// <summary>Digest of one input, or of two after each other.</summary>
    public static void Hash(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> digest)
    {
        var state = new Blake2s(digest.Length, []);
        state.Update(first);
        state.Update(second);
        state.Finish(digest);
    }

    /// <summary>Keyed digest, WireGuard's MAC.</summary>
    public static void Mac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> input, Span<byte> digest)
    {
        var state = new Blake2s(digest.Length, key);
        state.Update(input);
        state.Finish(digest);
    }

    /// <summary>More input.</summary>
    public void Update(ReadOnlySpan<byte> input)
    {
        while (!input.IsEmpty)
        {
            // The last block is compressed in Finish, so a full one waits for what follows.
            if (_filled == BlockLength)
            {
                _total += BlockLength;
                Compress(0);
                _filled = 0;
            }

            var part = Math.Min(input.Length, BlockLength - _filled);
            input[..part].CopyTo(((Span<byte>)_block)[_filled..]);
            _filled += part;
            input = input[part..];
        }
    }

    /// <summary>Writes the digest, of the length given at the start, and wipes the state.</summary>
    public void Finish(Span<byte> digest)
    {
        ((Span<byte>)_block)[_filled..].Clear();
        _total += (ulong)_filled;
        Compress(uint.MaxValue);
        Span<byte> all = stackalloc byte[32];
        _low.AsByte().CopyTo(all);
        _high.AsByte().CopyTo(all[16..]);
        all[..digest.Length].CopyTo(digest);
        CryptographicOperations.ZeroMemory(all);
        CryptographicOperations.ZeroMemory(_block);
        _low = _high = default;
    }

    // Rows of the state in four vectors, which the loop keeps in registers.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Compress(uint last)
    {
        ref var m = ref Unsafe.As<Block, uint>(ref _block);
        ref var order = ref MemoryMarshal.GetReference(Order);
        var turn16 = Vector128.Create((byte)2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
        var turn8 = Vector128.Create((byte)1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12);
        var a = _low;
        var b = _high;
        var c = InitialLow;
        var d = InitialHigh ^ Vector128.Create((uint)_total, (uint)(_total >> 32), last, 0u);
        for (var end = 0; end < Order.Length; order = ref Unsafe.Add(ref order, 16), end += 16)
        {
            a += b + Words(ref m, ref order, 0);
            d = Vector128.Shuffle((d ^ a).AsByte(), turn16).AsUInt32();
            c += d;
            b ^= c;
            b = (b >>> 12) | (b << 20);
            a += b + Words(ref m, ref order, 1);
            d = Vector128.Shuffle((d ^ a).AsByte(), turn8).AsUInt32();
            c += d;
            b ^= c;
            b = (b >>> 7) | (b << 25);
            b = Vector128.Shuffle(b, Vector128.Create(1u, 2, 3, 0));
            c = Vector128.Shuffle(c, Vector128.Create(2u, 3, 0, 1));
            d = Vector128.Shuffle(d, Vector128.Create(3u, 0, 1, 2));
            a += b + Words(ref m, ref order, 8);
            d = Vector128.Shuffle((d ^ a).AsByte(), turn16).AsUInt32();
            c += d;
            b ^= c;
            b = (b >>> 12) | (b << 20);
            a += b + Words(ref m, ref order, 9);
            d = Vector128.Shuffle((d ^ a).AsByte(), turn8).AsUInt32();
            c += d;
            b ^= c;
            b = (b >>> 7) | (b << 25);
            b = Vector128.Shuffle(b, Vector128.Create(3u, 0, 1, 2));
            c = Vector128.Shuffle(c, Vector128.Create(2u, 3, 0, 1));
            d = Vector128.Shuffle(d, Vector128.Create(1u, 2, 3, 0));
        }

        _low ^= a ^ c;
        _high ^= b ^ d;
    }

    /// <summary>Every second word of a half round.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Words(ref uint m, ref byte order, int at) => Vector128.Create(
        Unsafe.Add(ref m, (nint)Unsafe.Add(ref order, at)),
        Unsafe.Add(ref m, (nint)Unsafe.Add(ref order, at + 2)),
        Unsafe.Add(ref m, (nint)Unsafe.Add(ref order, at + 4)),
        Unsafe.Add(ref m, (nint)Unsafe.Add(ref order, at + 6)));

    [InlineArray(BlockLength)]
    private struct Block
    {
        private byte _first;
    }
}
