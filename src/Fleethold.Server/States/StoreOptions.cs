using Fleethold.Server.Configuration;
using Fleethold.Server.Host;
using Fleethold.Storage;
using Fleethold.Storage.Etcd;
using Fleethold.Storage.Sealing;

namespace Fleethold.Server.States;

/// <summary>What the configuration says of the store, in the store's own words.</summary>
internal static class StoreOptions
{
    /// <summary>The store and its keys.</summary>
    /// <exception cref="StartException">The source of a key can't be understood.</exception>
    public static StorageOptions From(ServerConfiguration configuration) => new()
    {
        DataDirectory = configuration.Storage.DataDirectory,
        Etcd = configuration.Storage.Store is StoreSettings.Etcd etcd ? Etcd(etcd, configuration.Account) : null,
        Keys = [.. Keys(configuration.Keys)],
        RecipientFiles = configuration.Keys.PublicKeyFiles,
    };

    /// <summary>Where resources are kept, for people.</summary>
    public static string NameOf(StorageSettings storage) => storage.Store switch
    {
        StoreSettings.Etcd etcd => $"etcd at {string.Join(", ", etcd.Endpoints)} below {etcd.KeyPrefix}",
        StoreSettings.Memory => "memory",
        _ => storage.DatabaseFile,
    };

    private static EtcdOptions Etcd(StoreSettings.Etcd etcd, AccountSettings account) => new()
    {
        Endpoints = etcd.Endpoints,
        Account = account.Id,
        CaFile = etcd.CaFile,
        CertificateFile = etcd.ClientCertificate?.CertificateFile,
        KeyFile = etcd.ClientCertificate?.KeyFile,
    };

    private static IEnumerable<KeySource> Keys(KeySettings keys)
    {
        if (keys.KeyFile is { } file)
        {
            yield return new KeySource.KeyFile(file) { CreateIfMissing = keys.CreateKeyFile };
        }

        if (keys.KeyVariable is { } variable)
        {
            yield return new KeySource.Variable(variable);
        }

        if (keys.PrivateKeySource is { } text)
        {
            if (!KeySource.TryParse(text, out var source, out var problem))
            {
                throw new StartException($"the source of the store's key {problem}");
            }

            yield return source is KeySource.Vault vault
                ? vault with { Address = keys.Vault.Url?.ToString(), Token = keys.Vault.Token?.Reveal(), KubernetesMount = keys.Vault.KubernetesMount }
                : source;
        }
    }
}
