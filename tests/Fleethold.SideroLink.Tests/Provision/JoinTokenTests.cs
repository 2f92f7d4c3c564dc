using System.Text;
using System.Text.Json;
using Fleethold.SideroLink.Provision;
using Fleethold.Testing;

namespace Fleethold.SideroLink.Tests.Provision;

public class JoinTokenTests
{
    /// <summary>Texts that the original reads by chance; we read the prefix once (reference/siderolink.md 10, trap 8).</summary>
    private static readonly string[] ReadStrictly =
    [
        "prefix twice: the trim removes every leading v, 1 and colon, so it still decodes",
        "prefix with more of the same characters",
    ];

    [Fact]
    [Trait("Category", Vectors.Category)]
    public void Bytes_become_the_base62_of_the_vectors()
    {
        using var vectors = Vectors.Json("misc/join-tokens.json");
        foreach (var one in vectors.RootElement.GetProperty("base62").GetProperty("cases").EnumerateArray())
        {
            Assert.Equal(one.GetProperty("base62").GetString(), Base62.Encode(Convert.FromHexString(one.GetProperty("bytesHex").GetString()!)));
        }
    }

    [Fact]
    public void Generated_tokens_are_letters_and_digits_of_the_usual_length_and_never_the_same()
    {
        var tokens = Enumerable.Range(0, 2000).Select(_ => JoinToken.Generate()).ToHashSet();

        Assert.Equal(2000, tokens.Count);
        Assert.All(tokens, token => Assert.InRange(token.Length, 43, 46));
        Assert.All(tokens, token => Assert.All(token, letter => Assert.True(char.IsAsciiLetterOrDigit(letter))));
    }

    [Fact]
    [Trait("Category", Vectors.Category)]
    public void Tokens_are_signed_and_written_as_in_the_vectors()
    {
        using var vectors = Vectors.Json("misc/join-tokens.json");
        foreach (var one in vectors.RootElement.GetProperty("encode").EnumerateArray())
        {
            Assert.True(JoinTokenVersions.TryParse(one.GetProperty("version").GetString()!, out var version, out _));
            var data = DataOf(one);

            Assert.True(JoinToken.TrySign(one.GetProperty("key").GetString()!, data, version, out var token, out _));

            Assert.Equal(one.GetProperty("encoded").GetString(), token.Encode());
            if (version != JoinTokenVersion.Plain)
            {
                Assert.Equal(one.GetProperty("signatureBase64").GetString(), Convert.ToBase64String(token.Signature.Span));
                Assert.Equal(one.GetProperty("signedBytesUtf8").GetString(), JoinToken.SignedText(data));
            }
        }
    }

    [Fact]
    [Trait("Category", Vectors.Category)]
    public void Versions_without_room_for_data_are_refused_in_the_words_of_the_vectors()
    {
        using var vectors = Vectors.Json("misc/join-tokens.json");
        foreach (var one in vectors.RootElement.GetProperty("encodeErrors").EnumerateArray())
        {
            if (JoinTokenVersions.TryParse(one.GetProperty("version").GetString()!, out var version, out var error))
            {
                Assert.False(JoinToken.TrySign("key", new Dictionary<string, string> { ["a"] = "b" }, version, out _, out error));
            }

            Assert.Equal(one.GetProperty("error").GetString(), error);
        }
    }

    [Fact]
    [Trait("Category", Vectors.Category)]
    public void Tokens_are_read_and_judged_as_in_the_vectors()
    {
        using var vectors = Vectors.Json("misc/join-tokens.json");
        foreach (var one in vectors.RootElement.GetProperty("decode").EnumerateArray())
        {
            var name = one.GetProperty("name").GetString()!;
            var read = JoinToken.TryParse(one.GetProperty("token").GetString()!, out var token, out var error);
            if (one.GetProperty("error").ValueKind != JsonValueKind.Null || ReadStrictly.Contains(name))
            {
                Assert.False(read, name);
                Assert.NotEmpty(error!);
                continue;
            }

            Assert.True(read, $"{name}: {error}");
            Assert.Equal(one.GetProperty("version").GetString(), token!.Version switch { JoinTokenVersion.V1 => "1", JoinTokenVersion.V2 => "2", _ => "plain" });
            Assert.Equal(DataOf(one), token.ExtraData);
            Assert.Equal(one.GetProperty("signatureBase64").GetString() ?? "", Convert.ToBase64String(token.Signature.Span));
            Assert.Equal(one.GetProperty("reencoded").GetString(), token.Encode());
            foreach (var verdict in one.GetProperty("isValid").EnumerateArray())
            {
                var key = verdict.GetProperty("key").GetString()!;

                // With an empty key the original takes an empty token, and one without a signature; we never do.
                Assert.True((key.Length > 0 && verdict.GetProperty("valid").GetBoolean()) == token.IsMadeWith(key), $"{name} with \"{key}\"");
            }
        }
    }

    [Fact]
    public void The_token_of_the_dossier_is_made_and_accepted()
    {
        const string Expected = "v2:eyJleHRyYV9kYXRhIjp7ImEiOiJiIn0sInNpZ25hdHVyZSI6IkRRQXNSRDE0YzdYTWUxaVd3dWZZanU1NGdzc0RpbGVzN21FNlRMVFVpY2s9In0=";

        Assert.True(JoinToken.TrySign("1234", new Dictionary<string, string> { ["a"] = "b" }, JoinTokenVersion.V2, out var made, out _));
        Assert.True(JoinToken.TryParse(Expected, out var read, out _));

        Assert.Equal(Expected, made.Encode());
        Assert.True(read.IsMadeWith("1234"));
        Assert.False(read.IsMadeWith("1235"));
    }

    [Fact]
    public void A_token_that_is_too_long_too_deep_or_not_Unicode_is_refused_without_being_quoted()
    {
        string[] texts =
        [
            new('a', JoinToken.MaxLength + 1),
            Coded("{\"x\":" + new string('[', 1000) + new string(']', 1000) + "}"),
            Coded("{\"extra_data\":{\"a\":\"\\ud800\"}}"),
            "v1:" + Convert.ToBase64String([(byte)'{', (byte)'"', 0xff, (byte)'"', (byte)':', (byte)'1', (byte)'}']),
            Coded("{\"signature\":[256]}"),
            Coded("{\"signature\":[\"secret\"]}"),
        ];

        foreach (var text in texts)
        {
            Assert.False(JoinToken.TryParse(text, out _, out var error));
            Assert.DoesNotContain("secret", error, StringComparison.Ordinal);
            Assert.InRange(error.Length, 1, 200);
        }
    }

    [Fact]
    public void A_token_never_shows_itself()
    {
        Assert.True(JoinToken.TryParse("secret", out var token, out _));

        Assert.DoesNotContain("secret", token.ToString(), StringComparison.Ordinal);
    }

    private static string Coded(string json) => "v1:" + Convert.ToBase64String(Encoding.UTF8.GetBytes(json));

    private static Dictionary<string, string>? DataOf(JsonElement one)
    {
        if (!one.TryGetProperty("extraData", out var data) || data.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        var map = data.EnumerateObject().ToDictionary(field => field.Name, field => field.Value.GetString()!, StringComparer.Ordinal);
        if (one.TryGetProperty("extraDataBase64Values", out var raw))
        {
            foreach (var field in raw.EnumerateObject())
            {
                map[field.Name] = string.Concat(field.Value.GetBytesFromBase64().Select(one => one < 0x80 ? (char)one : (char)(0xdc00 + one)));
            }
        }

        return map;
    }
}
