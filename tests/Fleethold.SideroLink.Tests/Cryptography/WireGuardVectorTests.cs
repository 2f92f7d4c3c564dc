using System.Globalization;
using System.Text;
using System.Text.Json;
using Fleethold.SideroLink.Cryptography;
using Fleethold.SideroLink.Engine;
using Fleethold.SideroLink.Wire;
using Fleethold.Testing;

namespace Fleethold.SideroLink.Tests.Cryptography;

[Trait("Category", Vectors.Category)]
public sealed class WireGuardVectorTests
{
    private static JsonElement Root(string key) => Vectors.Json("wireguard.json").RootElement.GetProperty(key);

    private static byte[] Bytes(JsonElement vector, string key) => Convert.FromHexString(vector.GetProperty(key).GetString()!);

    private static ulong Counter(JsonElement vector) =>
        ulong.Parse(vector.GetProperty("counter_hex_be").GetString()!, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    [Fact]
    public void The_constants_give_the_initial_chaining_key_and_hash()
    {
        var constants = Root("constants");
        var initial = NoiseState.Initial;
        Assert.Equal(Bytes(constants, "initial_chaining_key"), ((ReadOnlySpan<byte>)initial.Chain).ToArray());
        Assert.Equal(Bytes(constants, "initial_hash"), ((ReadOnlySpan<byte>)initial.Hash).ToArray());
        var digest = new byte[32];
        Blake2s.Hash(Encoding.ASCII.GetBytes(constants.GetProperty("construction").GetString()!), [], digest);
        Assert.Equal(Bytes(constants, "initial_chaining_key"), digest);
    }

    [Fact]
    public void Digests_and_keyed_digests_are_right()
    {
        foreach (var vector in Root("blake2s").EnumerateArray())
        {
            var digest = new byte[vector.GetProperty("digest_length").GetInt32()];
            var input = Bytes(vector, "input");
            Blake2s.Mac(Bytes(vector, "key"), input, digest);
            Assert.Equal(Bytes(vector, "digest"), digest);

            var state = new Blake2s(digest.Length, Bytes(vector, "key"));
            foreach (var part in input.Chunk(7))
            {
                state.Update(part);
            }

            state.Finish(digest);
            Assert.Equal(Bytes(vector, "digest"), digest);
        }
    }

    [Fact]
    public void Hmac_and_derived_keys_are_right()
    {
        foreach (var vector in Root("hmac_blake2s").EnumerateArray())
        {
            var mac = new byte[32];
            KeyDerivation.Hmac(Bytes(vector, "key"), Bytes(vector, "input"), [], mac);
            Assert.Equal(Bytes(vector, "mac"), mac);
        }

        foreach (var vector in Root("kdf").EnumerateArray())
        {
            var keys = new byte[3][] { new byte[32], new byte[32], new byte[32] };
            KeyDerivation.Derive(Bytes(vector, "key"), Bytes(vector, "input"), keys[0], keys[1], keys[2]);
            Assert.Equal([Bytes(vector, "t1"), Bytes(vector, "t2"), Bytes(vector, "t3")], keys);
        }
    }

    [Fact]
    public void Shared_secrets_are_right_and_points_of_low_order_refused()
    {
        var refused = 0;
        foreach (var vector in Root("x25519").EnumerateArray())
        {
            using var key = X25519Key.Import(Bytes(vector, "scalar"));
            var shared = new byte[32];
            var good = key.TryAgree(Bytes(vector, "point"), shared);
            if (vector.TryGetProperty("must_reject", out var reject) && reject.GetBoolean())
            {
                Assert.False(good);
                refused++;
            }
            else
            {
                Assert.True(good);
                Assert.Equal(Bytes(vector, "shared"), shared);
            }
        }

        Assert.NotEqual(0, refused);
    }

    [Fact]
    public void Sealed_bytes_are_right_and_open_and_altered_ones_do_not()
    {
        foreach (var vector in Root("chacha20poly1305").EnumerateArray())
        {
            var counter = Counter(vector);
            CheckCipher(
                vector,
                (data, buffer) => Aead.Seal(Bytes(vector, "key"), counter, data, buffer),
                (data, buffer) => Aead.TryOpen(Bytes(vector, "key"), counter, data, buffer));
        }

        foreach (var vector in Root("xchacha20poly1305").EnumerateArray())
        {
            CheckCipher(
                vector,
                (data, buffer) => XAead.Seal(Bytes(vector, "key"), Bytes(vector, "nonce"), data, buffer),
                (data, buffer) => XAead.TryOpen(Bytes(vector, "key"), Bytes(vector, "nonce"), data, buffer));
        }
    }

    [Fact]
    public void Timestamps_are_right_and_keep_the_order_of_their_bytes()
    {
        byte[]? before = null;
        foreach (var vector in Root("tai64n").EnumerateArray().OrderBy(vector => vector.GetProperty("unix_nanoseconds").GetInt64()))
        {
            var time = Tai64n.FromUnixNanoseconds(vector.GetProperty("unix_nanoseconds").GetInt64());
            var bytes = new byte[Tai64n.Length];
            time.Write(bytes);
            Assert.Equal(Bytes(vector, "timestamp"), bytes);
            Assert.Equal(time, Tai64n.Read(bytes));
            Assert.True(time.Next().CompareTo(time) > 0);
            if (before is not null)
            {
                Assert.Equal(Math.Sign(before.AsSpan().SequenceCompareTo(bytes)), Math.Sign(Tai64n.Read(before).CompareTo(time)));
            }

            before = bytes;
        }
    }

    [Fact]
    public void Padding_is_right()
    {
        foreach (var vector in Root("padding").EnumerateArray())
        {
            Assert.Equal(
                vector.GetProperty("padded").GetInt32(),
                Padding.PaddedLength(vector.GetProperty("length").GetInt32(), vector.GetProperty("mtu").GetInt32()));
        }
    }

    [Fact]
    public void The_replay_window_accepts_what_it_should()
    {
        foreach (var vector in Root("replay").EnumerateArray())
        {
            var window = new ReplayWindow();
            foreach (var step in vector.GetProperty("sequence").EnumerateArray())
            {
                Assert.True(
                    step.GetProperty("accept").GetBoolean() == window.TryAccept(Counter(step)),
                    $"{vector.GetProperty("name")}: {step}");
            }
        }
    }

    private static void CheckCipher(JsonElement vector, Action<byte[], byte[]> seal, Func<byte[], byte[], bool> open)
    {
        var plain = Bytes(vector, "plaintext");
        var data = Bytes(vector, "ad");
        var expected = Bytes(vector, "ciphertext");
        var buffer = new byte[plain.Length + 16];
        plain.CopyTo(buffer, 0);
        seal(data, buffer);
        Assert.Equal(expected, buffer);
        Assert.True(open(data, buffer));
        Assert.Equal(plain, buffer[..plain.Length]);
        foreach (var altered in (int[])[0, expected.Length - 1])
        {
            expected[altered] ^= 1;
            Assert.False(open(data, [.. expected]));
            expected[altered] ^= 1;
        }

        Assert.False(open([.. data, 0], [.. expected]));
    }
}
