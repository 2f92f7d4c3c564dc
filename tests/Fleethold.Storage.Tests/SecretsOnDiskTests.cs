using System.Text;
using Fleethold.Resources;
using Fleethold.Runtime;
using Fleethold.Storage.Etcd;
using Fleethold.Storage.Sealing;
using Fleethold.Testing;

namespace Fleethold.Storage.Tests;

/// <summary>Nothing of a resource can be read from what is stored: not its content, id, type or namespace, in any kind.</summary>
public sealed class SecretsOnDiskTests : IDisposable
{
    private const string Marker = "pl4nted";

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Nothing_readable_is_in_the_files_of_the_embedded_store_or_a_backup()
    {
        var options = new StorageOptions { DataDirectory = _folder.PathOf("data"), Keys = [KeyFile()] };
        var store = await FleetholdStore.Open(options, TimeProvider.System, Deadline.Token);
        await using (store.Log)
        {
            await Plant(store.Log);
            await FleetholdStore.Backup(options, _folder.PathOf("data/copy.db"), Deadline.Token);

            // While it is open, the write-ahead log and its index are there too.
            Assert.True(Directory.GetFiles(options.DataDirectory).Length >= 5);
            Search(options.DataDirectory);
        }

        Search(options.DataDirectory);
    }

    [Fact]
    public async Task Nothing_readable_is_in_the_files_of_etcd()
    {
        await using var server = await EtcdServer.Start();
        var options = new StorageOptions
        {
            DataDirectory = _folder.PathOf("data"),
            Keys = [KeyFile()],
            Etcd = new EtcdOptions { Endpoints = [server.Endpoint], Account = "acc/1" },
        };
        var store = await FleetholdStore.Open(options, TimeProvider.System, Deadline.Token);
        await using (store.Log)
        {
            await Plant(store.Log);
        }

        await server.Kill();
        Assert.NotEmpty(Found(server.DataFolder, "/fleethold/acc%2F1/revision"));
        Search(server.DataFolder);
    }

    public void Dispose() => _folder.Dispose();

    private KeySource.KeyFile KeyFile() => new(_folder.PathOf("store.key")) { CreateIfMissing = true };

    // One resource of each persistent kind, updated and half of them destroyed; the id of a join token is a secret itself.
    private static async Task Plant(ICommitLog log)
    {
        await log.Load(Deadline.Token);
        var revision = 0L;
        var changes = new List<Mutation>();
        foreach (var kind in Kinds.All.Where(kind => Namespaces.IsPersistent(kind.Namespace)))
        {
            var metadata = new Metadata(kind.Ref.Named(Marker + "-id-" + kind.Type))
            {
                Version = ResourceVersion.First,
                Owner = Marker + "-owner",
                Labels = StringMap.Of((Marker + "-label", Marker)),
                Annotations = StringMap.Of((Marker + "-note", Marker)),
                Finalizers = [Marker],
            };

            // An unknown field of any message: its bytes are what counts here.
            byte[] spec = [0xfa, 0x7f, (byte)Marker.Length, .. Encoding.ASCII.GetBytes(Marker)];
            var created = ++revision;
            changes.Add(new Mutation(created, kind.Wrap(metadata, spec, Marker), created, IsDestroy: false));
            changes.Add(new Mutation(++revision, kind.Wrap(metadata with { Version = metadata.Version.Next() }, spec, Marker), created, IsDestroy: false));
            if (revision % 4 == 0)
            {
                changes.Add(new Mutation(++revision, changes[^1].Resource, created, IsDestroy: true));
            }
        }

        Assert.True(changes.Count > 200);
        foreach (var batch in changes.Chunk(40))
        {
            await log.Commit(batch, Deadline.Token);
        }
    }

    private static void Search(string folder)
    {
        foreach (var text in (string[])[Marker, "sidero.dev", "JoinToken", "infra-provider", "tearingDown"])
        {
            Assert.Empty(Found(folder, text));
        }
    }

    private static List<string> Found(string folder, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return [.. Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Where(file => Read(file).AsSpan().IndexOf(bytes) >= 0)];
    }

    private static byte[] Read(string file)
    {
        // The lock file can't be opened while it is held; nothing is ever written into it.
        if (Path.GetFileName(file) == "fleethold.lock")
        {
            Assert.Equal(0, new FileInfo(file).Length);
            return [];
        }

        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
