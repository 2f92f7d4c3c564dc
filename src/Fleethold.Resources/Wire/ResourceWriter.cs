using System.Text;
using Google.Protobuf;

namespace Fleethold.Resources.Wire;

/// <summary>
/// Writes <c>cosi.resource.Resource</c> by hand: one pass for the sizes, one for the bytes, no message objects between.
/// Fields come in the order of their numbers, as the reference encoder has them.
/// </summary>
internal static class ResourceWriter
{
    public static byte[] Write(Resources.Metadata metadata, ReadOnlySpan<byte> spec, ReadOnlySpan<byte> yaml)
    {
        var version = metadata.Version.ToString();
        var phase = metadata.Phase.ToWire();
        var metadataSize = MetadataSize(metadata, version, phase);
        var specSize = BytesSize(spec.Length) + BytesSize(yaml.Length);
        var result = new byte[1 + Length(metadataSize) + metadataSize + 1 + Length(specSize) + specSize];
        var writer = new Writer(result);

        writer.Header(1, metadataSize);
        writer.Text(1, metadata.Namespace);
        writer.Text(2, metadata.Type);
        writer.Text(3, metadata.Id);
        writer.Text(4, version);
        writer.Text(5, metadata.Owner);
        writer.Text(6, phase);
        writer.Time(7, metadata.Created);
        writer.Time(8, metadata.Updated);
        foreach (var finalizer in metadata.Finalizers)
            writer.Element(9, finalizer);

        writer.Map(10, metadata.Labels);
        writer.Map(11, metadata.Annotations);
        writer.Header(2, specSize);
        writer.Bytes(1, spec);
        writer.Bytes(2, yaml);
        return result;
    }

    private static int MetadataSize(Resources.Metadata metadata, string version, string phase)
    {
        var size = TextSize(metadata.Namespace) + TextSize(metadata.Type) + TextSize(metadata.Id) + TextSize(version) + TextSize(metadata.Owner) + TextSize(phase)
            + Embedded(TimeSize(metadata.Created)) + Embedded(TimeSize(metadata.Updated)) + MapSize(metadata.Labels) + MapSize(metadata.Annotations);
        foreach (var finalizer in metadata.Finalizers)
            size += Embedded(Encoding.UTF8.GetByteCount(finalizer));

        return size;
    }

    private static int MapSize(StringMap map)
    {
        var size = 0;
        foreach (var (key, value) in map.Pairs)
            size += Embedded(EntrySize(key, value));

        return size;
    }

    // Entries have both fields even when they are empty.
    private static int EntrySize(string key, string value) => Embedded(Encoding.UTF8.GetByteCount(key)) + Embedded(Encoding.UTF8.GetByteCount(value));

    private static int TextSize(string text) => text.Length == 0 ? 0 : Embedded(Encoding.UTF8.GetByteCount(text));

    private static int BytesSize(int length) => length == 0 ? 0 : Embedded(length);

    private static int TimeSize(Instant time) =>
        (time.Seconds == 0 ? 0 : 1 + CodedOutputStream.ComputeInt64Size(time.Seconds)) + (time.Nanos == 0 ? 0 : 1 + CodedOutputStream.ComputeInt32Size(time.Nanos));

    // All field numbers here are below 16: one byte of tag.
    private static int Embedded(int length) => 1 + Length(length) + length;

    private static int Length(int length) => CodedOutputStream.ComputeLengthSize(length);

    private ref struct Writer(Span<byte> target)
    {
        private readonly Span<byte> _target = target;
        private int _position;

        public void Header(int field, int length)
        {
            _target[_position++] = (byte)(field << 3 | WireReader.Bytes);
            Varint((ulong)length);
        }

        public void Text(int field, string text)
        {
            if (text.Length > 0)
                Element(field, text);
        }

        public void Element(int field, string text)
        {
            Header(field, Encoding.UTF8.GetByteCount(text));
            _position += Encoding.UTF8.GetBytes(text, _target[_position..]);
        }

        public void Bytes(int field, ReadOnlySpan<byte> bytes)
        {
            if (bytes.Length == 0)
                return;

            Header(field, bytes.Length);
            bytes.CopyTo(_target[_position..]);
            _position += bytes.Length;
        }

        public void Time(int field, Instant time)
        {
            Header(field, TimeSize(time));
            Number(1, time.Seconds);
            Number(2, time.Nanos);
        }

        public void Map(int field, StringMap map)
        {
            foreach (var (key, value) in map.Pairs)
            {
                Header(field, EntrySize(key, value));
                Element(1, key);
                Element(2, value);
            }
        }

        private void Number(int field, long value)
        {
            if (value == 0)
                return;

            _target[_position++] = (byte)(field << 3 | WireReader.Varint);
            Varint(unchecked((ulong)value));
        }

        private void Varint(ulong value)
        {
            for (; value >= 0x80; value >>= 7)
                _target[_position++] = (byte)(value | 0x80);

            _target[_position++] = (byte)value;
        }
    }
}
