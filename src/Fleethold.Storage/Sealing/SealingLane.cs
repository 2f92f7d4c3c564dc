using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Fleethold.Resources;

namespace Fleethold.Storage.Sealing;

/// <summary>
/// Seals and unseals for one thread at a time, without allocating per row.
/// <para>
/// Blob: format (1 byte, 1), id of the master key (4, little endian), salt of the lane (16), counter (8, little endian), AES-256-GCM
/// ciphertext, tag (16). The AES key is derived from master key and salt; the nonce is the counter behind four zero bytes. A salt is
/// random and used by one lane of one process, whose counter never repeats: no nonce is used twice, also after a restored backup, and the
/// number of writes isn't limited as it is with random nonces.
/// </para>
/// </summary>
internal sealed class SealingLane : IDisposable
{
    public const int Overhead = HeaderLength + TagLength;

    private const byte Format = 1;
    private const int SaltLength = 16;
    private const int HeaderLength = 1 + 4 + SaltLength + 8;
    private const int TagLength = 16;

    // A store that ran through very many restarts has blobs of very many salts.
    private const int MostOpeners = 4096;

    private readonly KeyRing _ring;
    private readonly Dictionary<(uint KeyId, UInt128 Salt), AesGcm> _openers = [];
    private readonly Dictionary<uint, IncrementalHash> _namers = [];
    private readonly byte[] _salt = new byte[SaltLength];
    private byte[] _name = new byte[512];
    private AesGcm? _sealer;
    private uint _sealerKey;
    private ulong _counter;

    public SealingLane(KeyRing ring) => _ring = ring;

    /// <summary>The name of a row under the current master key.</summary>
    public void NameRow(in ResourceRef reference, Span<byte> rowKey) => NameRow(_ring.Current, reference, rowKey);

    /// <summary>The name of a row under one master key: HMAC-SHA256 over namespace, type and id, each behind its length.</summary>
    public void NameRow(MasterKey key, in ResourceRef reference, Span<byte> rowKey)
    {
        if (!_namers.TryGetValue(key.Id, out var hash))
        {
            _namers[key.Id] = hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key.RowKey);
        }

        var most = 12 + Encoding.UTF8.GetMaxByteCount(reference.Namespace.Length + reference.Type.Length + reference.Id.Length);
        if (_name.Length < most)
        {
            _name = new byte[most];
        }

        var length = Append(reference.Namespace, 0);
        length = Append(reference.Type, length);
        length = Append(reference.Id, length);
        hash.AppendData(_name, 0, length);
        hash.GetHashAndReset(rowKey);
    }

    /// <summary>Seals with the current master key; <paramref name="blob"/> is <see cref="Overhead"/> bytes longer than the content.</summary>
    [SkipLocalsInit]
    public void Seal(ReadOnlySpan<byte> content, ReadOnlySpan<byte> head, Span<byte> blob)
    {
        var key = _ring.Current;
        if (_sealer is null || _sealerKey != key.Id)
        {
            StartSealer(key);
        }

        blob[0] = Format;
        BinaryPrimitives.WriteUInt32LittleEndian(blob[1..], key.Id);
        _salt.CopyTo(blob[5..]);
        BinaryPrimitives.WriteUInt64LittleEndian(blob[(5 + SaltLength)..], _counter);

        Span<byte> nonce = stackalloc byte[12];
        Nonce(_counter++, nonce);
        _sealer!.Encrypt(nonce, content, blob.Slice(HeaderLength, content.Length), blob.Slice(HeaderLength + content.Length, TagLength), head);
    }

    /// <summary>The length of the content of a blob; negative when it can't be one.</summary>
    public static int ContentLength(ReadOnlySpan<byte> blob) => blob.Length - Overhead;

    /// <summary>The id of the master key that a blob is sealed with; 0 when it can't be a blob.</summary>
    public static uint KeyIdOf(ReadOnlySpan<byte> blob) =>
        blob.Length < Overhead || blob[0] != Format ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(blob[1..]);

    /// <summary>Opens a blob into <paramref name="content"/>, <see cref="ContentLength"/> bytes.</summary>
    /// <exception cref="SealException">It is damaged, belongs to another row, or its master key isn't in the ring.</exception>
    [SkipLocalsInit]
    public void Unseal(ReadOnlySpan<byte> blob, ReadOnlySpan<byte> head, Span<byte> content)
    {
        var keyId = KeyIdOf(blob);
        if (keyId == 0)
        {
            throw new SealException("a row of the store is damaged: it isn't in a form that this version writes");
        }

        var salt = blob.Slice(5, SaltLength);
        var opener = Opener(keyId, salt);
        Span<byte> nonce = stackalloc byte[12];
        Nonce(BinaryPrimitives.ReadUInt64LittleEndian(blob[(5 + SaltLength)..]), nonce);
        try
        {
            opener.Decrypt(nonce, blob[HeaderLength..^TagLength], blob[^TagLength..], content, head);
        }
        catch (AuthenticationTagMismatchException failure)
        {
            throw new SealException("a row of the store is damaged: it doesn't open with the key that sealed it", failure);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _sealer?.Dispose();
        foreach (var opener in _openers.Values)
        {
            opener.Dispose();
        }

        foreach (var namer in _namers.Values)
        {
            namer.Dispose();
        }
    }

    private static void Nonce(ulong counter, Span<byte> nonce)
    {
        nonce[..4].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(nonce[4..], counter);
    }

    private void StartSealer(MasterKey key)
    {
        _sealer?.Dispose();
        RandomNumberGenerator.Fill(_salt);
        (_sealer, _sealerKey, _counter) = (NewCipher(key, _salt), key.Id, 0);
    }

    private AesGcm Opener(uint keyId, ReadOnlySpan<byte> salt)
    {
        var name = (keyId, BinaryPrimitives.ReadUInt128LittleEndian(salt));
        if (_openers.TryGetValue(name, out var opener))
        {
            return opener;
        }

        var key = _ring.Find(keyId) ?? throw new SealException(
            $"a row of the store is sealed with master key {keyId}, which no key slot holds: restore the store from a backup");
        if (_openers.Count >= MostOpeners)
        {
            foreach (var old in _openers.Values)
            {
                old.Dispose();
            }

            _openers.Clear();
        }

        return _openers[name] = NewCipher(key, salt);
    }

    private static AesGcm NewCipher(MasterKey key, ReadOnlySpan<byte> salt)
    {
        Span<byte> secret = stackalloc byte[MasterKey.Length];
        key.DeriveLaneKey(salt, secret);
        var cipher = new AesGcm(secret, TagLength);
        CryptographicOperations.ZeroMemory(secret);
        return cipher;
    }

    private int Append(string text, int at)
    {
        var length = Encoding.UTF8.GetBytes(text, _name.AsSpan(at + 4));
        BinaryPrimitives.WriteInt32LittleEndian(_name.AsSpan(at), length);
        return at + 4 + length;
    }
}

/// <summary>Something sealed that doesn't open; the message says what to do.</summary>
internal sealed class SealException(string message, Exception? inner = null) : Exception(message, inner);
