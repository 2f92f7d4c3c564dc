using System.Runtime.CompilerServices;
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

    private void Compress(uint last)
    {
        ref var m = ref Unsafe.As<Block, uint>(ref _block);
        var a = _low;
        var b = _high;
        var c = InitialLow;
        var d = InitialHigh ^ Vector128.Create((uint)_total, (uint)(_total >> 32), last, 0u);
        Round(ref a, ref b, ref c, ref d, ref m, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
        Round(ref a, ref b, ref c, ref d, ref m, 14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3);
        Round(ref a, ref b, ref c, ref d, ref m, 11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4);
        Round(ref a, ref b, ref c, ref d, ref m, 7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8);
        Round(ref a, ref b, ref c, ref d, ref m, 9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13);
        Round(ref a, ref b, ref c, ref d, ref m, 2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9);
        Round(ref a, ref b, ref c, ref d, ref m, 12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11);
        Round(ref a, ref b, ref c, ref d, ref m, 13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10);
        Round(ref a, ref b, ref c, ref d, ref m, 6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5);
        Round(ref a, ref b, ref c, ref d, ref m, 10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0);
        _low ^= a ^ c;
        _high ^= b ^ d;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(
        ref Vector128<uint> a, ref Vector128<uint> b, ref Vector128<uint> c, ref Vector128<uint> d, ref uint m,
        int s0, int s1, int s2, int s3, int s4, int s5, int s6, int s7, int s8, int s9, int s10, int s11, int s12, int s13, int s14, int s15)
    {
        Mix(ref a, ref b, ref c, ref d, Words(ref m, s0, s2, s4, s6), Words(ref m, s1, s3, s5, s7));
        b = Vector128.Shuffle(b, Vector128.Create(1u, 2, 3, 0));
        c = Vector128.Shuffle(c, Vector128.Create(2u, 3, 0, 1));
        d = Vector128.Shuffle(d, Vector128.Create(3u, 0, 1, 2));
        Mix(ref a, ref b, ref c, ref d, Words(ref m, s8, s10, s12, s14), Words(ref m, s9, s11, s13, s15));
        b = Vector128.Shuffle(b, Vector128.Create(3u, 0, 1, 2));
        c = Vector128.Shuffle(c, Vector128.Create(2u, 3, 0, 1));
        d = Vector128.Shuffle(d, Vector128.Create(1u, 2, 3, 0));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Mix(
        ref Vector128<uint> a, ref Vector128<uint> b, ref Vector128<uint> c, ref Vector128<uint> d, Vector128<uint> first, Vector128<uint> second)
    {
        a += b + first;
        d = Vector128.Shuffle((d ^ a).AsByte(), Vector128.Create((byte)2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13)).AsUInt32();
        c += d;
        b ^= c;
        b = (b >>> 12) | (b << 20);
        a += b + second;
        d = Vector128.Shuffle((d ^ a).AsByte(), Vector128.Create((byte)1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12)).AsUInt32();
        c += d;
        b ^= c;
        b = (b >>> 7) | (b << 25);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Words(ref uint m, int first, int second, int third, int fourth) =>
        Vector128.Create(Unsafe.Add(ref m, first), Unsafe.Add(ref m, second), Unsafe.Add(ref m, third), Unsafe.Add(ref m, fourth));

    [InlineArray(BlockLength)]
    private struct Block
    {
        private byte _first;
    }
}
