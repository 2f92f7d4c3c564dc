using System.Security.Cryptography;
using Fleethold.SideroLink.Wire;

namespace Fleethold.SideroLink.Cryptography;

/// <summary>The two messages of IKpsk2, written and read (reference/wireguard.md 1.3). MACs are another matter, see <see cref="MessageMacs"/>.</summary>
internal static class NoiseHandshake
{
    /// <summary>Fills in an initiation but for its header; the state must be that of <see cref="NoiseState.StartFor"/>. False: the responder's key is of low order.</summary>
    public static bool TryWriteInitiation(
        ref NoiseState state, InitiationMessage message, X25519Key ephemeral, PublicKey initiator, ReadOnlySpan<byte> responder, ReadOnlySpan<byte> staticShared, Tai64n time)
    {
        Span<byte> shared = stackalloc byte[Key32.Length];
        Span<byte> key = stackalloc byte[Key32.Length];
        ephemeral.PublicKey.Write(message.Ephemeral);
        state.MixChain(message.Ephemeral);
        state.MixHash(message.Ephemeral);
        if (!ephemeral.TryAgree(responder, shared))
        {
            return false;
        }

        state.MixKey(shared, key);
        initiator.Write(message.Static);
        state.Seal(key, message.Static);
        state.MixKey(staticShared, key);
        time.Write(message.Timestamp);
        state.Seal(key, message.Timestamp);
        CryptographicOperations.ZeroMemory(shared);
        CryptographicOperations.ZeroMemory(key);
        return true;
    }

    /// <summary>Reads who sends an initiation, the first half; the state must be that of <see cref="NoiseState.StartFor"/>.</summary>
    public static bool TryReadInitiator(ref NoiseState state, InitiationMessage message, X25519Key responder, out PublicKey initiator)
    {
        initiator = default;
        Span<byte> shared = stackalloc byte[Key32.Length];
        Span<byte> key = stackalloc byte[Key32.Length];
        Span<byte> opened = stackalloc byte[PublicKey.Length];
        state.MixChain(message.Ephemeral);
        state.MixHash(message.Ephemeral);
        if (!responder.TryAgree(message.Ephemeral, shared))
        {
            return false;
        }

        state.MixKey(shared, key);
        if (!state.TryOpen(key, message.Static, opened))
        {
            return false;
        }

        initiator = PublicKey.Read(opened);
        return true;
    }

    /// <summary>Reads when an initiation was made, the second half, which proves that it is the initiator's.</summary>
    public static bool TryReadTimestamp(ref NoiseState state, InitiationMessage message, ReadOnlySpan<byte> staticShared, out Tai64n time)
    {
        Span<byte> key = stackalloc byte[Key32.Length];
        Span<byte> opened = stackalloc byte[Tai64n.Length];
        state.MixKey(staticShared, key);
        var good = state.TryOpen(key, message.Timestamp, opened);
        time = good ? Tai64n.Read(opened) : default;
        return good;
    }

    /// <summary>Fills in a response but for its header, after an initiation was read.</summary>
    public static bool TryWriteResponse(
        ref NoiseState state, ResponseMessage message, X25519Key ephemeral, ReadOnlySpan<byte> initiatorEphemeral, ReadOnlySpan<byte> initiator, ReadOnlySpan<byte> presharedKey)
    {
        Span<byte> shared = stackalloc byte[Key32.Length];
        Span<byte> key = stackalloc byte[Key32.Length];
        ephemeral.PublicKey.Write(message.Ephemeral);
        state.MixChain(message.Ephemeral);
        state.MixHash(message.Ephemeral);
        if (!ephemeral.TryAgree(initiatorEphemeral, shared))
        {
            return false;
        }

        state.MixChain(shared);
        if (!ephemeral.TryAgree(initiator, shared))
        {
            return false;
        }

        state.MixChain(shared);
        state.MixPresharedKey(presharedKey, key);
        state.Seal(key, message.Empty);
        CryptographicOperations.ZeroMemory(shared);
        CryptographicOperations.ZeroMemory(key);
        return true;
    }

    /// <summary>Reads a response to an initiation; on false the state is worthless, so hand in a copy.</summary>
    public static bool TryReadResponse(
        ref NoiseState state, ResponseMessage message, X25519Key ephemeral, X25519Key initiator, ReadOnlySpan<byte> presharedKey)
    {
        Span<byte> shared = stackalloc byte[Key32.Length];
        Span<byte> key = stackalloc byte[Key32.Length];
        state.MixChain(message.Ephemeral);
        state.MixHash(message.Ephemeral);
        if (!ephemeral.TryAgree(message.Ephemeral, shared))
        {
            return false;
        }

        state.MixChain(shared);
        if (!initiator.TryAgree(message.Ephemeral, shared))
        {
            return false;
        }

        state.MixChain(shared);
        state.MixPresharedKey(presharedKey, key);
        var good = state.TryOpen(key, message.Empty, default);
        CryptographicOperations.ZeroMemory(shared);
        CryptographicOperations.ZeroMemory(key);
        return good;
    }
}
