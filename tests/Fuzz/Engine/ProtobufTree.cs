using System.Diagnostics.CodeAnalysis;

namespace Fleethold.Fuzz.Engine;

/// <summary>
/// A protobuf message as a list of fields, read without its schema: bytes that read as fields are taken for a message in a message.
/// Changes keep tags and lengths right, so they get behind the outermost parser.
/// </summary>
internal static class ProtobufTree
{
    private const int MaxDepth = 8;

    private sealed record Field(ulong Tag, ulong Number, byte[] Bytes, List<Field>? Fields);

    /// <summary>One change; input that is no message comes back as it was, with a field more.</summary>
    public static byte[] Mutate(IReadOnlyList<byte> input, byte[] other, ref FuzzRandom random)
    {
        var fields = Read([.. input], MaxDepth) ?? [];
        Change(fields, Read(other, MaxDepth) ?? [], ref random);
        var output = new List<byte>();
        Write(fields, output);
        return [.. output];
    }

    private static void Change(List<Field> fields, List<Field> other, ref FuzzRandom random)
    {
        if (fields.Count == 0)
        {
            fields.Add(other.Count > 0 ? random.Pick(other) : New(ref random));
            return;
        }

        var at = random.Below(fields.Count);
        var field = fields[at];
        if (field.Fields is not null && random.Below(3) > 0)
        {
            Change(field.Fields, other.FirstOrDefault(candidate => candidate.Tag == field.Tag)?.Fields ?? other, ref random);
            return;
        }

        switch (random.Below(8))
        {
            case 0:
                fields.RemoveAt(at);
                break;
            case 1:
                fields.Insert(random.Below(fields.Count + 1), field);
                break;
            case 2 when other.Count > 0:
                fields.Insert(at, random.Pick(other));
                break;
            case 3:
                fields.Insert(at, New(ref random));
                break;
            case 4:
                fields[at] = field with { Tag = (field.Tag & 7) | ((ulong)random.Below(20) << 3) };
                break;
            case 5:
                var target = random.Below(fields.Count);
                (fields[at], fields[target]) = (fields[target], fields[at]);
                break;
            case 6 when field.Fields is not null:
                // A message within itself.
                field.Fields.Add(Copy(field, MaxDepth));
                break;
            default:
                fields[at] = ChangeValue(field, ref random);
                break;
        }
    }

    private static Field ChangeValue(Field field, ref FuzzRandom random)
    {
        if ((field.Tag & 7) != 2)
        {
            return field with { Number = Number(ref random), Bytes = [.. field.Bytes.Reverse()] };
        }

        var bytes = new List<byte>(field.Bytes);
        var at = random.Below(bytes.Count + 1);
        switch (random.Below(4))
        {
            case 0:
                bytes.InsertRange(at, Enumerable.Repeat((byte)random.Below(256), 1 << random.Below(8)));
                break;
            case 1:
                bytes.RemoveRange(at, Math.Min(bytes.Count - at, 1 << random.Below(4)));
                break;
            case 2 when bytes.Count > 0:
                bytes[at % bytes.Count] = (byte)random.Below(256);
                break;
            default:
                bytes.Clear();
                break;
        }

        return field with { Bytes = [.. bytes], Fields = null };
    }

    private static Field New(ref FuzzRandom random)
    {
        var wireType = random.Pick<ulong>([0, 1, 2, 2, 5, 3, 7]);
        return new Field(((ulong)random.Below(16) << 3) | wireType, Number(ref random), new byte[wireType == 1 ? 8 : 4], null);
    }

    private static ulong Number(ref FuzzRandom random) => random.Below(3) switch
    {
        0 => (ulong)random.Below(10),
        1 => random.Pick<ulong>([ulong.MaxValue, long.MaxValue, int.MaxValue, uint.MaxValue, 1UL << 63, 1UL << 31]),
        _ => random.Next() >> random.Below(64),
    };

    private static Field Copy(Field field, int depth) =>
        field with { Fields = depth == 0 ? null : field.Fields?.Select(inner => Copy(inner, depth - 1)).ToList() };

    private static List<Field>? Read(ReadOnlySpan<byte> bytes, int depth)
    {
        var fields = new List<Field>();
        while (bytes.Length > 0)
        {
            if (!TryRead(ref bytes, depth, out var field))
            {
                return null;
            }

            fields.Add(field);
        }

        return fields;
    }

    private static bool TryRead(ref ReadOnlySpan<byte> bytes, int depth, [NotNullWhen(true)] out Field? field)
    {
        field = null;
        if (!TryVarint(ref bytes, out var tag) || tag >> 3 == 0)
        {
            return false;
        }

        var number = 0UL;
        switch (tag & 7)
        {
            case 0:
                if (!TryVarint(ref bytes, out number))
                {
                    return false;
                }

                break;
            case 1 or 5:
                number = (tag & 7) == 1 ? 8UL : 4;
                break;
            case 2:
                if (!TryVarint(ref bytes, out number))
                {
                    return false;
                }

                break;
            default:
                return false;
        }

        if ((tag & 7) == 0)
        {
            field = new Field(tag, number, [], null);
            return true;
        }

        if (number > (ulong)bytes.Length)
        {
            return false;
        }

        var content = bytes[..(int)number].ToArray();
        bytes = bytes[(int)number..];
        field = new Field(tag, number, content, (tag & 7) == 2 && depth > 0 && content.Length > 1 ? Read(content, depth - 1) : null);
        return true;
    }

    private static void Write(List<Field> fields, List<byte> output)
    {
        foreach (var field in fields)
        {
            WriteVarint(field.Tag, output);
            switch (field.Tag & 7)
            {
                case 0:
                    WriteVarint(field.Number, output);
                    break;
                case 1 or 5:
                    output.AddRange(field.Bytes);
                    break;
                case 2 when field.Fields is not null:
                    var inner = new List<byte>();
                    Write(field.Fields, inner);
                    WriteVarint((ulong)inner.Count, output);
                    output.AddRange(inner);
                    break;
                case 2:
                    WriteVarint((ulong)field.Bytes.Length, output);
                    output.AddRange(field.Bytes);
                    break;
            }
        }
    }

    private static bool TryVarint(ref ReadOnlySpan<byte> bytes, out ulong value)
    {
        value = 0;
        for (var index = 0; index < Math.Min(bytes.Length, 10); index++)
        {
            value |= (ulong)(bytes[index] & 0x7F) << (7 * index);
            if (bytes[index] < 0x80)
            {
                bytes = bytes[(index + 1)..];
                return true;
            }
        }

        return false;
    }

    private static void WriteVarint(ulong value, List<byte> output)
    {
        for (; value >= 0x80; value >>= 7)
        {
            output.Add((byte)(value | 0x80));
        }

        output.Add((byte)value);
    }
}
