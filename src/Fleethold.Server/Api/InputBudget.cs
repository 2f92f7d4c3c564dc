using Fleethold.Resources;
using Google.Protobuf.Reflection;

namespace Fleethold.Server.Api;

/// <summary>
/// A few megabytes of protobuf can stand for millions of objects, and for a YAML text many times as long. Before a large resource is decoded, what it
/// would become is counted over its bytes, without making any of it.
/// </summary>
internal static class InputBudget
{
    /// <summary>Below this size nothing needs counting.</summary>
    private const int Small = 16 * 1024;

    /// <summary>Labels, annotations and finalizers together.</summary>
    private const int MaxEntries = 4096;

    /// <summary>Fields of the spec and of all messages in it; each number of a packed list and each byte of a field of bytes is one, as in YAML.</summary>
    private const int MaxValues = 500_000;

    private const int MaxDepth = 64;
    private const int LengthDelimited = 2;

    /// <summary>What is too much about an encoded resource; null when nothing is. What is damaged isn't looked into: decoding will tell.</summary>
    public static string? Exceeded(ReadOnlySpan<byte> resource)
    {
        if (resource.Length <= Small)
        {
            return null;
        }

        var type = "";
        var spec = ReadOnlySpan<byte>.Empty;
        while (TryRead(ref resource, out var field, out _, out var value))
        {
            if (field == 2)
            {
                spec = value;
            }
            else if (field == 1 && CountEntries(value, out type) > MaxEntries)
            {
                return $"the resource has more than {MaxEntries} labels, annotations and finalizers";
            }
        }

        var left = MaxValues;
        while (TryRead(ref spec, out var field, out _, out var value))
        {
            if (field == 1 && Kinds.Find(type)?.Spec is { } message && !Spend(message, value, 0, ref left))
            {
                return $"the spec has more than {MaxValues} values";
            }
        }

        return null;
    }

    private static int CountEntries(ReadOnlySpan<byte> metadata, out string type)
    {
        type = "";
        var entries = 0;
        while (TryRead(ref metadata, out var field, out _, out var value))
        {
            if (field == 2 && value.Length <= 256)
            {
                type = System.Text.Encoding.UTF8.GetString(value);
            }

            entries += field is >= 9 and <= 11 ? 1 : 0;
        }

        return entries;
    }

    private static bool Spend(MessageDescriptor message, ReadOnlySpan<byte> bytes, int depth, ref int left)
    {
        while (left >= 0 && TryRead(ref bytes, out var number, out var wireType, out var value))
        {
            left--;
            if (wireType != LengthDelimited || message.FindFieldByNumber(number) is not { } field)
            {
                continue;
            }

            switch (field.FieldType)
            {
                case FieldType.String:
                    break;
                case FieldType.Message when depth < MaxDepth:
                    Spend(field.MessageType, value, depth + 1, ref left);
                    break;
                case FieldType.Bytes when field.Name.StartsWith("compressed", StringComparison.Ordinal):
                    // Shown as the text that it holds.
                    break;
                default:
                    left -= value.Length;
                    break;
            }
        }

        return left >= 0;
    }

    /// <summary>Takes one field off the front; false at the end, and where the bytes are damaged.</summary>
    private static bool TryRead(scoped ref ReadOnlySpan<byte> bytes, out int field, out int wireType, out ReadOnlySpan<byte> value)
    {
        (field, wireType) = (0, 0);
        value = default;
        if (!TryVarint(ref bytes, out var tag))
        {
            return false;
        }

        (field, wireType) = ((int)(tag >> 3), (int)(tag & 7));
        ulong length;
        switch (wireType)
        {
            case 0:
                return TryVarint(ref bytes, out _);
            case 1:
                length = 8;
                break;
            case LengthDelimited:
                if (!TryVarint(ref bytes, out length))
                {
                    return false;
                }

                break;
            case 5:
                length = 4;
                break;
            default:
                return false;
        }

        if (length > (ulong)bytes.Length)
        {
            return false;
        }

        value = bytes[..(int)length];
        bytes = bytes[(int)length..];
        return true;
    }

    private static bool TryVarint(scoped ref ReadOnlySpan<byte> bytes, out ulong value)
    {
        value = 0;
        for (var index = 0; index < bytes.Length && index < 10; index++)
        {
            value |= (ulong)(bytes[index] & 0x7f) << (7 * index);
            if (bytes[index] < 0x80)
            {
                bytes = bytes[(index + 1)..];
                return true;
            }
        }

        return false;
    }
}
