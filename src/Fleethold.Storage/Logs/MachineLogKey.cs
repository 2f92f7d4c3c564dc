using System.Security.Cryptography;
using System.Text;
using Fleethold.Runtime;
using Fleethold.Storage.Sealing;
using Fleethold.Storage.Sqlite;

namespace Fleethold.Storage.Logs;

/// <summary>
/// The key of the machine log: random, kept in the log's own database, sealed with the master key of the store. So a new master key means one
/// row to seal anew and not millions.
/// </summary>
internal static class MachineLogKey
{
    private const uint Id = 1;

    /// <summary>A new one.</summary>
    public static MasterKey Generate() => MasterKey.Generate(Id);

    /// <summary>Seals it with the current master key of the store.</summary>
    public static byte[] Seal(MasterKey key, IReadOnlyList<MasterKey> master)
    {
        using var lane = new SealingLane(new KeyRing(master));
        var blob = new byte[MasterKey.Length + SealingLane.Overhead];
        lane.Seal(key.Secret, "machine log key 1"u8, blob);
        return blob;
    }

    /// <summary>Opens it; null when none of the master keys does.</summary>
    public static MasterKey? Open(byte[] blob, IReadOnlyList<MasterKey> master)
    {
        using var lane = new SealingLane(new KeyRing(master));
        Span<byte> secret = stackalloc byte[MasterKey.Length];
        if (SealingLane.ContentLength(blob) != secret.Length)
        {
            return null;
        }

        try
        {
            lane.Unseal(blob, "machine log key 1"u8, secret);
            return new MasterKey(Id, secret);
        }
        catch (SealException)
        {
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    /// <summary>After a new master key: seals the key of the logs in a file with it, if there are logs that the old one opens.</summary>
    public static void SealAnew(string file, IReadOnlyList<MasterKey> before, IReadOnlyList<MasterKey> now)
    {
        if (!File.Exists(file))
        {
            return;
        }

        try
        {
            using var table = MachineLogTable.Open(file);
            if (table.Key() is { } blob && Open(blob, before) is { } key)
            {
                table.StoreKey(Seal(key, now));
            }
        }
        catch (Exception failure) when (failure is SqliteError or CommitLogException)
        {
            // Logs that can't be opened now begin anew with the next start, which says so.
        }
    }

    /// <summary>The name of a machine in the table: 32 hex digits of an HMAC of its id.</summary>
    public static string NameOf(MasterKey key, string machineId)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key.RowKey, Encoding.UTF8.GetBytes(machineId), hash);
        return Convert.ToHexStringLower(hash[..16]);
    }

    /// <summary>What a line is bound to: one that was moved to another machine doesn't open.</summary>
    public static byte[] Head(string name) => Encoding.ASCII.GetBytes(name);
}
