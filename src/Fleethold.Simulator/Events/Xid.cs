using System.Buffers.Binary;

namespace Fleethold.Simulator.Events;

/// <summary>Makes event ids that sort by their order: 12 bytes (seconds, machine, process, counter) as 20 characters of base32hex in lower case.</summary>
internal sealed class Xid(Random random, TimeProvider clock)
{
    private const string Alphabet = "0123456789abcdefghijklmnopqrstuv";

    private readonly ulong _origin = (ulong)random.NextInt64(1L << 40);
    private uint _counter = (uint)random.Next(1 << 20);

    /// <summary>The next id.</summary>
    public string Next()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)clock.GetUtcNow().ToUnixTimeSeconds());
        BinaryPrimitives.WriteUInt64BigEndian(bytes[4..], (_origin << 24) | (++_counter & 0xFF_FFFF));
        var value = BinaryPrimitives.ReadUInt128BigEndian(bytes) >> 32 << 4;
        Span<char> text = stackalloc char[20];
        for (var i = text.Length - 1; i >= 0; i--)
        {
            text[i] = Alphabet[(int)(uint)(value & 31)];
            value >>= 5;
        }

        return new(text);
    }
}
