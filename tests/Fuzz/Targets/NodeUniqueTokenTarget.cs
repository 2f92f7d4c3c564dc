using System.Text;
using Fleethold.SideroLink.Provision;

namespace Fleethold.Fuzz.Targets;

/// <summary>Unique tokens as machines present them: what is read is written so that it reads the same.</summary>
internal sealed class NodeUniqueTokenTarget : IFuzzTarget
{
    public string Name => "node-unique-token";

    public InputShape Shape => InputShape.Text;

    public IReadOnlyList<string> Words { get; } =
        ["{", "}", "\"Fingerprint\":", "\"Token\":", "\"token\":", "null", "\"\"", "[", "]", ",", "\\u2028", "\\udc00", "\\", "\"", "1", "true", "<&>", "😀"];

    public IEnumerable<byte[]> Seeds =>
        new[]
        {
            "",
            "null",
            "{\"Fingerprint\":\"8f3c0b\",\"Token\":\"6a1f6f0e-0e53-4a84-8a3e-0d2cf54b1f11\"}",
            "{\"token\":\"b\",\"x\":[{\"y\":1}],\"FINGERPRINT\":null}",
            "{\"Token\":\"\\u0001\\t\\n\\r\\b\\f\\\"\\\\<&>\\u2028é😀\"}",
            "{\"Token\":\"\\ud800\"}",
            "{\"Token\":1}",
            "{} {}",
            "[]",
            " ",
        }.Select(Encoding.UTF8.GetBytes);

    public void Run(ReadOnlySpan<byte> input)
    {
        if (NodeUniqueToken.TryParse(Encoding.UTF8.GetString(input), out var token, out var error) && token is not null)
        {
            Check.Same(true, token.IsSameToken(token));
            Check.Same(token.Fingerprint.Length > 0, token.IsSameHardware(token));
            if (token.Encode().Length <= NodeUniqueToken.MaxLength)
            {
                Check.Same(true, NodeUniqueToken.TryParse(token.Encode(), out var again, out _));
                Check.Same(token, again);
            }
        }
        else
        {
            Check.Same(input.Length == 0, error is null);
        }
    }
}
