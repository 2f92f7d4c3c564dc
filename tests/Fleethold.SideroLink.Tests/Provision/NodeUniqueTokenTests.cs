using System.Text.Json;
using Fleethold.SideroLink.Provision;
using Fleethold.Testing;

namespace Fleethold.SideroLink.Tests.Provision;

public class NodeUniqueTokenTests
{
    [Fact]
    [Trait("Category", Vectors.Category)]
    public void Unique_tokens_are_written_as_in_the_vectors()
    {
        foreach (var one in Cases("encode"))
        {
            var token = TokenOf(one);

            Assert.Equal(one.GetProperty("encoded").GetString(), token.Encode());
            Assert.Equal(one.GetProperty("hasToken").GetBoolean(), token.HasToken);
            Assert.True(NodeUniqueToken.TryParse(token.Encode(), out var read, out _));
            Assert.Equal(token, read);
        }
    }

    [Fact]
    [Trait("Category", Vectors.Category)]
    public void Unique_tokens_are_read_or_refused_as_in_the_vectors()
    {
        foreach (var one in Cases("parse"))
        {
            var text = one.GetProperty("text").GetString()!;

            var read = NodeUniqueToken.TryParse(text, out var token, out var error);

            Assert.True(read == (one.GetProperty("error").ValueKind == JsonValueKind.Null), $"{text}: {error}");
            var expected = one.GetProperty("result");
            Assert.Equal(expected.ValueKind == JsonValueKind.Null ? null : TokenOf(expected), token);
        }
    }

    [Fact]
    [Trait("Category", Vectors.Category)]
    public void Unique_tokens_are_compared_as_in_the_vectors()
    {
        foreach (var one in Cases("compare"))
        {
            var (a, b) = (TokenOf(one.GetProperty("a")), TokenOf(one.GetProperty("b")));

            Assert.Equal(one.GetProperty("equal").GetBoolean(), a.IsSameToken(b));
            Assert.Equal(one.GetProperty("sameFingerprint").GetBoolean(), a.IsSameHardware(b));
        }
    }

    [Fact]
    [Trait("Category", Vectors.Category)]
    public void Hardware_has_the_fingerprint_of_the_vectors()
    {
        foreach (var one in Cases("fingerprints"))
        {
            var addresses = one.GetProperty("macs").EnumerateArray().Select(mac => Convert.FromHexString(mac.GetString()!.Replace(":", "", StringComparison.Ordinal)));

            Assert.Equal(one.GetProperty("fingerprint").GetString(), NodeUniqueToken.FingerprintOf(addresses));
        }
    }

    [Fact]
    public void A_generated_token_holds_a_random_UUID_and_the_fingerprint()
    {
        var (a, b) = (NodeUniqueToken.Generate([[2, 0, 0, 0, 0, 1]]), NodeUniqueToken.Generate([[2, 0, 0, 0, 0, 1]]));

        Assert.Equal(4, Guid.ParseExact(a.Token, "D").Version);
        Assert.True(a.IsSameHardware(b));
        Assert.False(a.IsSameToken(b));
        Assert.DoesNotContain(a.Token, a.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_that_is_too_long_or_too_deep_is_refused()
    {
        Assert.False(NodeUniqueToken.TryParse(new string(' ', NodeUniqueToken.MaxLength) + "{}", out _, out var error));
        Assert.Contains("longer than 4096", error, StringComparison.Ordinal);
        Assert.False(NodeUniqueToken.TryParse("{\"x\":" + new string('[', 1000), out _, out _));
    }

    private static IEnumerable<JsonElement> Cases(string name) =>
        Vectors.Json("misc/join-tokens.json").RootElement.GetProperty("nodeUniqueTokens").GetProperty(name).EnumerateArray();

    private static NodeUniqueToken TokenOf(JsonElement one) => new(one.GetProperty("fingerprint").GetString()!, one.GetProperty("token").GetString()!);
}
