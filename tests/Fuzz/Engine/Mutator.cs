using System.Text;

namespace Fleethold.Fuzz.Engine;

/// <summary>Makes new inputs from those of the corpus.</summary>
internal sealed class Mutator(IFuzzTarget target)
{
    private const int MaxLength = 8 * 1024;

    private static readonly byte[][] Interesting =
    [
        [0x00], [0xFF], [0x7F], [0x80], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xEF, 0xBF, 0xBD], [0xF0, 0x9F, 0x98, 0x80], [0xF4, 0x90, 0x80, 0x80],
        [0xFF, 0xFF, 0xFF, 0xFF, 0x0F], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80],
        .. new[] { "-1", "0", "2147483648", "9223372036854775807", "9223372036854775808", "1e999", "-0", "null", "~", "true", "\"", "\\", "\r\n", "\t", " " }
            .Select(Encoding.ASCII.GetBytes),
    ];

    private readonly byte[][] _words = [.. Interesting, .. target.Words.Select(Encoding.UTF8.GetBytes)];

    /// <summary>One to eight changes to an input of the corpus.</summary>
    public byte[] Mutate(IReadOnlyList<byte[]> corpus, ref FuzzRandom random)
    {
        var input = new List<byte>(random.Pick(corpus));
        for (var changes = 1 << random.Below(4); changes > 0; changes--)
        {
            switch (target.Shape)
            {
                case InputShape.Protobuf when random.Below(4) > 0:
                    input = [.. ProtobufTree.Mutate(input, random.Pick(corpus), ref random)];
                    break;
                case InputShape.Yaml when random.Below(2) == 0:
                    ChangeLines(input, random.Pick(corpus), ref random);
                    break;
                default:
                    ChangeBytes(input, random.Pick(corpus), ref random);
                    break;
            }
        }

        if (input.Count > MaxLength)
        {
            input.RemoveRange(MaxLength, input.Count - MaxLength);
        }

        return [.. input];
    }

    private void ChangeBytes(List<byte> input, byte[] other, ref FuzzRandom random)
    {
        var at = random.Below(input.Count + 1);
        var length = Math.Min(input.Count - at, 1 << random.Below(6));
        switch (random.Below(8))
        {
            case 0 when at < input.Count:
                input[at] ^= (byte)(1 << random.Below(8));
                break;
            case 1 when at < input.Count:
                input[at] = (byte)(target.Shape == InputShape.Bytes ? random.Below(256) : 32 + random.Below(96));
                break;
            case 2:
                input.RemoveRange(at, length);
                break;
            case 3:
                input.InsertRange(random.Below(input.Count + 1), input.GetRange(at, length));
                break;
            case 4:
                var from = random.Below(other.Length + 1);
                input.InsertRange(at, other.AsSpan(from, Math.Min(other.Length - from, 1 << random.Below(7))).ToArray());
                break;
            case 5:
                // The beginning of the one and the end of the other.
                input.RemoveRange(at, input.Count - at);
                input.AddRange(other.AsSpan(random.Below(other.Length + 1)));
                break;
            case 6 when length > 0:
                // A piece many times over.
                var piece = input.GetRange(at, Math.Min(length, 8));
                for (var times = 1 << random.Below(8); times > 0; times--)
                {
                    input.InsertRange(at, piece);
                }

                break;
            default:
                input.InsertRange(at, random.Pick(_words));
                break;
        }
    }

    private static void ChangeLines(List<byte> input, byte[] other, ref FuzzRandom random)
    {
        var lines = Encoding.Latin1.GetString([.. input]).Split('\n').ToList();
        var at = random.Below(lines.Count);
        switch (random.Below(6))
        {
            case 0:
                lines.RemoveAt(at);
                break;
            case 1:
                lines.Insert(random.Below(lines.Count), lines[at]);
                break;
            case 2:
                lines.Insert(at, random.Pick(Encoding.Latin1.GetString(other).Split('\n')));
                break;
            case 3:
                lines[at] = "  " + lines[at];
                break;
            case 4:
                lines[at] = lines[at].StartsWith("  ", StringComparison.Ordinal) ? lines[at][2..] : "- " + lines[at];
                break;
            default:
                var colon = lines[at].IndexOf(':', StringComparison.Ordinal);
                lines[at] = colon < 0 ? lines[at] + ":" : lines[at][..(colon + 1)];
                break;
        }

        input.Clear();
        input.AddRange(Encoding.Latin1.GetBytes(string.Join('\n', lines)));
    }
}
