using System.Runtime.CompilerServices;

namespace Fleethold.SideroLink.Cryptography;

/// <summary>32 bytes inside their owner: a key, a hash. Converts to spans.</summary>
[InlineArray(Length)]
internal struct Key32
{
    /// <summary>Bytes of it.</summary>
    public const int Length = 32;

    private byte _first;

    /// <summary>A copy of 32 bytes.</summary>
    public static Key32 Of(ReadOnlySpan<byte> bytes)
    {
        var key = default(Key32);
        bytes[..Length].CopyTo(key);
        return key;
    }
}
