using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Fleethold.Storage.Sealing;

/// <summary>One slot as stored.</summary>
internal sealed record StoredSlot
{
    public required string Name { get; init; }

    public string Label { get; init; } = "";

    public string? PublicKey { get; init; }

    /// <summary>The wrapped master keys by the id of the key.</summary>
    public required SortedDictionary<uint, string> Wrapped { get; init; }
}

/// <summary>The key slots of a store as stored, in JSON; nothing in it is secret.</summary>
internal sealed record KeyRingDocument
{
    public required int Version { get; init; }

    /// <summary>The ids of the master keys in use, the current one last.</summary>
    public required List<uint> Keys { get; init; }

    public required List<StoredSlot> Slots { get; init; }

    /// <summary>HMAC-SHA256 over all the rest with a key derived from the current master key.</summary>
    public string Mac { get; init; } = "";

    public static KeyRingDocument Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            var document = JsonSerializer.Deserialize(json, KeyRingJson.Default.KeyRingDocument);
            if (document is null || document.Keys.Count == 0)
            {
                throw new SealException("the list of key slots of the store is damaged: restore the store from a backup");
            }

            return document.Version == 1 ? document : throw new SealException(
                $"the key slots of the store are in form {document.Version}, which this version doesn't know: use the version that wrote them, or a newer one");
        }
        catch (JsonException failure)
        {
            throw new SealException("the list of key slots of the store is damaged: restore the store from a backup", failure);
        }
    }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, KeyRingJson.Default.KeyRingDocument);

    public KeyRingDocument Authenticated(MasterKey current) => this with { Mac = Convert.ToBase64String(ComputeMac(current)) };

    public bool IsAuthentic(MasterKey current)
    {
        var mac = new byte[34];
        return Convert.TryFromBase64String(Mac, mac, out var length) && CryptographicOperations.FixedTimeEquals(mac.AsSpan(0, length), ComputeMac(current));
    }

    private byte[] ComputeMac(MasterKey current)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, current.SlotsKey);
        Append(hash, Version);
        Append(hash, Keys.Count);
        foreach (var key in Keys)
        {
            Append(hash, (int)key);
        }

        Append(hash, Slots.Count);
        foreach (var slot in Slots)
        {
            Append(hash, slot.Name);
            Append(hash, slot.Label);
            Append(hash, slot.PublicKey ?? "");
            Append(hash, slot.Wrapped.Count);
            foreach (var (key, wrapped) in slot.Wrapped)
            {
                Append(hash, (int)key);
                Append(hash, wrapped);
            }
        }

        return hash.GetHashAndReset();
    }

    private static void Append(IncrementalHash hash, int number)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        hash.AppendData(bytes);
    }

    private static void Append(IncrementalHash hash, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Append(hash, bytes.Length);
        hash.AppendData(bytes);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(KeyRingDocument))]
internal sealed partial class KeyRingJson : JsonSerializerContext;
