using Fleethold.Storage.Etcd;
using Fleethold.Storage.Sealing;

namespace Fleethold.Storage;

/// <summary>Which store is used, and the keys that open it.</summary>
public sealed record StorageOptions
{
    /// <summary>The folder of the embedded store; also the default place of the key file.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>An existing etcd cluster to use instead of the embedded store; null for the embedded one.</summary>
    public EtcdOptions? Etcd { get; init; }

    /// <summary>
    /// Where the keys are; each that can be read opens the store and gets a slot. Empty: the file <c>store.key</c> in the data directory, made at the
    /// first start.
    /// </summary>
    public IReadOnlyList<KeySource> Keys { get; init; } = [];

    /// <summary>Files with OpenPGP public keys, ASCII-armoured, that get a slot too: their owners can open the store.</summary>
    public IReadOnlyList<string> RecipientFiles { get; init; } = [];

    internal IReadOnlyList<KeySource> KeysOrDefault =>
        Keys.Count > 0 ? Keys : [new KeySource.KeyFile(Path.Combine(DataDirectory, "store.key")) { CreateIfMissing = true }];
}
