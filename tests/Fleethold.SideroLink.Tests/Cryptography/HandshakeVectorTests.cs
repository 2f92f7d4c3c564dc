using System.Globalization;
using System.Text.Json;
using Fleethold.SideroLink.Cryptography;
using Fleethold.SideroLink.Engine;
using Fleethold.SideroLink.Wire;
using Fleethold.Testing;

namespace Fleethold.SideroLink.Tests.Cryptography;

[Trait("Category", Vectors.Category)]
public sealed class HandshakeVectorTests
{
    private static IEnumerable<JsonElement> Handshakes => Vectors.Json("wireguard.json").RootElement.GetProperty("handshakes").EnumerateArray();

    private static byte[] Bytes(JsonElement vector, string key) => Convert.FromHexString(vector.GetProperty(key).GetString()!);

    [Fact]
    public void Every_step_gives_the_chaining_key_hash_and_keys_of_the_vectors()
    {
        foreach (var vector in Handshakes)
        {
            var state = NoiseState.Initial;
            var initiation = new InitiationMessage(Bytes(vector, "initiation"));
            var response = new ResponseMessage(Bytes(vector, "response"));
            foreach (var step in vector.GetProperty("steps").EnumerateArray())
            {
                var name = step.GetProperty("step").GetString()!;
                var key = new byte[32];
                switch (name[..2])
                {
                    case "in":
                        break;
                    case "i0":
                        state.MixHash(Bytes(vector, "responder_static_public"));
                        break;
                    case "i1":
                        state.MixChain(initiation.Ephemeral);
                        state.MixHash(initiation.Ephemeral);
                        break;
                    case "i2":
                        state.MixKey(Bytes(step, "dh"), key);
                        SealAndCompare(ref state, key, Bytes(vector, "initiator_static_public"), step);
                        break;
                    case "i3":
                        state.MixKey(Bytes(step, "dh"), key);
                        SealAndCompare(ref state, key, Bytes(vector, "timestamp"), step);
                        break;
                    case "r1":
                        state.MixChain(response.Ephemeral);
                        state.MixHash(response.Ephemeral);
                        break;
                    case "r2" or "r3":
                        state.MixChain(Bytes(step, "dh"));
                        break;
                    case "r4":
                        state.MixPresharedKey(Bytes(vector, "preshared_key"), key);
                        SealAndCompare(ref state, key, [], step);
                        break;
                    default:
                        Assert.Fail($"unknown step {name}");
                        break;
                }

                Assert.Equal(Bytes(step, "ck"), ((ReadOnlySpan<byte>)state.Chain).ToArray());
                Assert.Equal(Bytes(step, "h"), ((ReadOnlySpan<byte>)state.Hash).ToArray());
            }

            state.Split(out var initiatorSends, out var responderSends);
            Assert.Equal(Bytes(vector, "initiator_send_key"), ((ReadOnlySpan<byte>)initiatorSends).ToArray());
            Assert.Equal(Bytes(vector, "responder_send_key"), ((ReadOnlySpan<byte>)responderSends).ToArray());
        }
    }

    [Fact]
    public void The_initiator_writes_and_reads_the_bytes_of_the_vectors()
    {
        foreach (var vector in Handshakes)
        {
            using var self = X25519Key.Import(Bytes(vector, "initiator_static_private"));
            using var ephemeral = X25519Key.Import(Bytes(vector, "initiator_ephemeral_private"));
            var responder = Bytes(vector, "responder_static_public");
            var staticShared = new byte[32];
            Assert.True(self.TryAgree(responder, staticShared));
            var state = NoiseState.StartFor(responder);
            var bytes = new byte[InitiationMessage.Length];
            var message = new InitiationMessage(bytes);
            message.WriteHeader(vector.GetProperty("initiator_index").GetUInt32());
            var time = Tai64n.FromUnixNanoseconds(vector.GetProperty("unix_nanoseconds").GetInt64());
            Assert.True(NoiseHandshake.TryWriteInitiation(ref state, message, ephemeral, self.PublicKey, responder, staticShared, time));
            var mac1Key = MessageMacs.Mac1Key(responder);
            Assert.Equal(Bytes(vector, "mac1_key_for_initiation"), ((ReadOnlySpan<byte>)mac1Key).ToArray());
            MessageMacs.WriteMac1(mac1Key, bytes);
            Assert.Equal(Bytes(vector, "initiation"), bytes);
            Assert.Equal(MessageType.Initiation, Message.TypeOf(bytes));

            var altered = Bytes(vector, "response");
            altered[50] ^= 1;
            var copy = state;
            Assert.False(NoiseHandshake.TryReadResponse(ref copy, new ResponseMessage(altered), ephemeral, self, Bytes(vector, "preshared_key")));
            Assert.True(NoiseHandshake.TryReadResponse(
                ref state, new ResponseMessage(Bytes(vector, "response")), ephemeral, self, Bytes(vector, "preshared_key")));
            state.Split(out var send, out var receive);
            Assert.Equal(Bytes(vector, "initiator_send_key"), ((ReadOnlySpan<byte>)send).ToArray());
            Assert.Equal(Bytes(vector, "responder_send_key"), ((ReadOnlySpan<byte>)receive).ToArray());
        }
    }

    [Fact]
    public void The_responder_reads_and_writes_the_bytes_of_the_vectors()
    {
        foreach (var vector in Handshakes)
        {
            using var self = X25519Key.Import(Bytes(vector, "responder_static_private"));
            using var ephemeral = X25519Key.Import(Bytes(vector, "responder_ephemeral_private"));
            var initiator = Bytes(vector, "initiator_static_public");
            var staticShared = new byte[32];
            Assert.True(self.TryAgree(initiator, staticShared));
            var bytes = Bytes(vector, "initiation");
            Assert.True(MessageMacs.Mac1Fits(Bytes(vector, "mac1_key_for_initiation"), bytes));
            var message = new InitiationMessage(bytes);
            var state = NoiseState.StartFor(Bytes(vector, "responder_static_public"));
            Assert.True(NoiseHandshake.TryReadInitiator(ref state, message, self, out var key));
            Assert.Equal(PublicKey.Read(initiator), key);
            Assert.True(NoiseHandshake.TryReadTimestamp(ref state, message, staticShared, out var time));
            Assert.Equal(Tai64n.Read(Bytes(vector, "timestamp")), time);

            var written = new byte[ResponseMessage.Length];
            var response = new ResponseMessage(written);
            Assert.True(NoiseHandshake.TryWriteResponse(ref state, response, ephemeral, message.Ephemeral, initiator, Bytes(vector, "preshared_key")));
            response.WriteHeader(vector.GetProperty("responder_index").GetUInt32(), message.Sender);
            var mac1Key = MessageMacs.Mac1Key(initiator);
            Assert.Equal(Bytes(vector, "mac1_key_for_response"), ((ReadOnlySpan<byte>)mac1Key).ToArray());
            MessageMacs.WriteMac1(mac1Key, written);
            Assert.Equal(Bytes(vector, "response"), written);
            Assert.Equal(MessageType.Response, Message.TypeOf(written));
        }
    }

    [Fact]
    public void Transport_packets_are_sealed_and_opened_as_in_the_vectors()
    {
        foreach (var vector in Handshakes.SelectMany(handshake => handshake.GetProperty("transport").EnumerateArray()))
        {
            var inner = Bytes(vector, "inner");
            var padded = Padding.PaddedLength(inner.Length, vector.GetProperty("mtu").GetInt32());
            Assert.Equal(vector.GetProperty("padded_length").GetInt32(), padded);
            var datagram = new byte[padded + 32];
            inner.CopyTo(datagram, 16);
            var counter = vector.GetProperty("counter").GetUInt64();
            var key = Key32.Of(Bytes(vector, "key"));
            var session = new Session(null!, vector.GetProperty("receiver_index").GetUInt32(), initiator: true, key, key, now: 0) { Sent = counter };
            Assert.True(session.TrySeal(datagram));
            Assert.Equal(Bytes(vector, "packet"), datagram);
            Assert.Equal(MessageType.Transport, Message.TypeOf(datagram));
            Assert.Equal(counter, new TransportMessage(datagram).Counter);
            Assert.True(session.TryOpen(datagram));
            Assert.Equal(inner, datagram[16..(16 + inner.Length)]);

            session.Wipe();
            Assert.False(session.TrySeal(datagram));
            Assert.False(session.TryOpen(Bytes(vector, "packet")));
        }
    }

    [Fact]
    public void Cookies_are_sealed_opened_and_used_as_in_the_vectors()
    {
        foreach (var handshake in Handshakes)
        {
            foreach (var vector in handshake.GetProperty("cookies").EnumerateArray())
            {
                var cookie = new byte[16];
                Blake2s.Mac(Bytes(vector, "cookie_secret"), Bytes(vector, "source_bytes"), cookie);
                Assert.Equal(Bytes(vector, "cookie"), cookie);
                var cookieKey = MessageMacs.CookieKey(Bytes(handshake, "responder_static_public"));
                Assert.Equal(Bytes(vector, "cookie_key"), ((ReadOnlySpan<byte>)cookieKey).ToArray());
                var mac1 = Bytes(vector, "mac1_of_answered_message");
                var bytes = new byte[CookieReplyMessage.Length];
                var reply = new CookieReplyMessage(bytes);
                MessageMacs.WriteCookieReply(reply, handshake.GetProperty("initiator_index").GetUInt32(), Bytes(vector, "nonce"), cookieKey, cookie, mac1);
                Assert.Equal(Bytes(vector, "cookie_reply"), bytes);
                Assert.Equal(MessageType.CookieReply, Message.TypeOf(bytes));

                var read = new byte[16];
                Assert.True(MessageMacs.TryReadCookie(reply, cookieKey, mac1, read));
                Assert.Equal(cookie, read);
                mac1[0] ^= 1;
                Assert.False(MessageMacs.TryReadCookie(reply, cookieKey, mac1, read));

                var initiation = Bytes(handshake, "initiation");
                Assert.False(MessageMacs.Mac2Fits(cookie, initiation));
                MessageMacs.WriteMac2(cookie, initiation);
                Assert.Equal(Bytes(vector, "initiation_with_mac2"), initiation);
                Assert.True(MessageMacs.Mac2Fits(cookie, initiation));
            }
        }
    }

    private static void SealAndCompare(ref NoiseState state, byte[] key, byte[] plain, JsonElement step)
    {
        Assert.Equal(Bytes(step, "key"), key);
        byte[] buffer = [.. plain, .. new byte[16]];
        state.Seal(key, buffer);
        Assert.Equal(step.GetProperty("ciphertext").GetString(), Convert.ToHexString(buffer).ToLower(CultureInfo.InvariantCulture));
    }
}
