namespace Fleethold.Resources.Wire;

/// <summary>
/// Reads protobuf's fields from a span without copying. Groups are refused; unknown fields can be skipped. Nesting is up to the caller,
/// so hostile input can't make it recurse.
/// </summary>
/// <param name="bytes">One message without its length.</param>
internal ref struct WireReader(ReadOnlySpan<byte> bytes)
{
    public const int Varint = 0;
    public const int Fixed64 = 1;
    public const int Bytes = 2;
    public const int Fixed32 = 5;

    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _position;

    /// <summary>Where the next read begins, counted from the start of the message.</summary>
    public readonly int Position => _position;

    /// <summary>Reads a tag; false at the end of the message.</summary>
    /// <exception cref="InvalidDataException">The input is damaged.</exception>
    public bool TryReadTag(out int field, out int wireType)
    {
        if (_position == _bytes.Length)
        {
            field = wireType = 0;
            return false;
        }

        var tag = ReadVarint();
        field = (int)(tag >> 3 & 0x1fffffff);
        wireType = (int)(tag & 7);
        return tag <= uint.MaxValue && field != 0 ? true : throw Damaged("a bad tag");
    }

    public ulong ReadVarint()
    {
        var value = 0ul;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (_position >= _bytes.Length)
                throw Damaged("it ends too early");

            var next = _bytes[_position++];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
                return value;
        }

        throw Damaged("a number is too long");
    }

    public ReadOnlySpan<byte> ReadBytes()
    {
        var length = ReadVarint();
        if (length > (ulong)(_bytes.Length - _position))
            throw Damaged("it ends too early");

        var value = _bytes.Slice(_position, (int)length);
        _position += (int)length;
        return value;
    }

    public void Skip(int wireType)
    {
        switch (wireType)
        {
            case Varint:
                ReadVarint();
                break;
            case Bytes:
                ReadBytes();
                break;
            case Fixed32 or Fixed64:
                var length = wireType == Fixed32 ? 4 : 8;
                if (_bytes.Length - _position < length)
                    throw Damaged("it ends too early");

                _position += length;
                break;
            default:
                throw Damaged($"wire type {wireType} is not known");
        }
    }

    private static InvalidDataException Damaged(string what) => new($"the encoded resource is damaged: {what}");
}
