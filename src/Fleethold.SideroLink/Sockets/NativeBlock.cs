using System.Buffers;
using System.Runtime.InteropServices;

namespace Fleethold.SideroLink.Sockets;

/// <summary>A block of memory outside the managed heap, zeroed at first. System calls use its address, so it never moves.</summary>
internal sealed unsafe class NativeBlock : MemoryManager<byte>
{
    private readonly int _length;
    private byte* _start;

    /// <param name="length">Its length in bytes.</param>
    public NativeBlock(int length)
    {
        _length = length;
        _start = (byte*)NativeMemory.AlignedAlloc((nuint)length, 64);
        NativeMemory.Clear(_start, (nuint)length);
    }

    /// <summary>Its first byte.</summary>
    public byte* Start => _start;

    /// <inheritdoc/>
    public override Memory<byte> Memory => CreateMemory(_length);

    /// <summary>The address of memory that is known to be native.</summary>
    public static byte* AddressOf(Memory<byte> native) => (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref MemoryMarshal.GetReference(native.Span));

    /// <inheritdoc/>
    public override Span<byte> GetSpan() => new(_start, _length);

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0) => new(_start + elementIndex);

    /// <inheritdoc/>
    public override void Unpin()
    {
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        NativeMemory.AlignedFree(_start);
        _start = null;
    }
}
