using System.Text;
using Fleethold.SideroLink.Provision;

namespace Fleethold.Fuzz.Targets;

/// <summary>
/// Join tokens as machines present them: what is read is written so that it reads the same, nothing but the right key makes it valid, and its URL has
/// it again. An input that isn't a token with a prefix is also tried as the JSON inside one, so that mutations get past the base64.
/// </summary>
internal sealed class JoinTokenTarget : IFuzzTarget
{
    private const string Key = "w7uVuW3zbVKIYQuzEcyetAHeYMeo5q2L9RvkAVfCfSCD";

    public string Name => "join-token";

    public InputShape Shape => InputShape.Text;

    public IReadOnlyList<string> Words { get; } =
        ["v1:", "v2:", "{\"extra_data\":", "{\"a\":\"b\"}", ",\"signature\":", "null", "\"\"", "[1,2]", "}", "\\u003c", "\\ud800", "\\", "\"", "EXTRA_DATA", "=", "\n", "\u2028", "😀"];

    public IEnumerable<byte[]> Seeds =>
        new[]
        {
            Key,
            Signed(JoinTokenVersion.V1).Encode(),
            Signed(JoinTokenVersion.V2).Encode(),
            "{\"extra_data\":{\"a\":\"b\"},\"signature\":\"DQAsRD14c7XMe1iWwufYju54gssDilesx7mE6TLTUick=\"}",
            "{\"signature\":[1,2,3],\"extra_data\":null,\"x\":[{}]}",
        }.Select(Encoding.UTF8.GetBytes);

    public long AllocationLimit(int inputLength) => 128_000 + (inputLength * 600L);

    public void Run(ReadOnlySpan<byte> input)
    {
        Try(Encoding.UTF8.GetString(input));
        Try("v2:" + Convert.ToBase64String(input));
    }

    private static void Try(string text)
    {
        if (!JoinToken.TryParse(text, out var token, out _))
        {
            return;
        }

        Check.Same(false, token.IsMadeWith(""));
        if (token.Version == JoinTokenVersion.Plain)
        {
            Check.Same(text, token.Encode());
            Check.Same(text.Length > 0, token.IsMadeWith(text));
            return;
        }

        Check.Same(token.ExtraData is null, token.Encode().Length == 0);
        if (token.ExtraData is null)
        {
            return;
        }

        Check.Same(true, JoinToken.TryParse(token.Encode(), out var again, out _) || token.Encode().Length > JoinToken.MaxLength);
        if (again is not null)
        {
            Check.Same(token.Encode(), again.Encode());
            Check.Same(token.IsMadeWith(Key), again.IsMadeWith(Key));
        }

        Check.Same(true, JoinToken.TrySign(Key, token.ExtraData, token.Version, out var signed, out _));
        Check.Same(true, signed!.IsMadeWith(Key));
        Check.Same(token.IsMadeWith(Key), token.Signature.Span.SequenceEqual(signed.Signature.Span));
    }

    private static JoinToken Signed(JoinTokenVersion version) =>
        JoinToken.TrySign(Key, new Dictionary<string, string> { [JoinOptions.ProviderLabel] = "aws-1", [JoinOptions.RequestLabel] = "<r>" }, version, out var token, out var error)
            ? token
            : throw new InvalidOperationException(error);
}
