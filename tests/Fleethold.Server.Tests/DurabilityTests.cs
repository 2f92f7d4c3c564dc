using Fleethold.Resources.Wire;
using Fleethold.Server.Commands;
using Fleethold.Server.Configuration;
using Fleethold.Testing;
using Google.Protobuf;

namespace Fleethold.Server.Tests;

/// <summary>The server on its own store: what was acknowledged is there after a restart, and operators can copy the store.</summary>
public class DurabilityTests
{
    [Fact]
    public async Task Resources_and_bookmarks_outlive_the_server()
    {
        using var folder = new TemporaryFolder();
        Resource created;
        ByteString bookmark;
        await using (var server = await Start(folder))
        {
            var client = server.Socket();
            using var watch = client.Watch(Messages.WatchClusters());
            Assert.Empty((await watch.Next()).Event);
            created = await client.CreateCluster("c1", ("a", "b"));
            bookmark = (await watch.NextEvent()).Bookmark;
            await client.CreateCluster("c2");
        }

        await using var again = await Start(folder);
        Assert.Equal(created, await again.Socket().GetCluster("c1"));
        using var resumed = again.Socket().Watch(Messages.WatchClusters(new WatchOptions { StartFromBookmark = bookmark }));
        Assert.Empty((await resumed.Next()).Event);
        Assert.Equal("c2", (await resumed.NextEvent()).Resource.Metadata.Id);
    }

    [Fact]
    public async Task A_backup_is_made_while_the_server_runs_and_is_put_back_while_it_does_not()
    {
        using var folder = new TemporaryFolder();
        var data = folder.PathOf("data");
        await using (var server = await Start(folder))
        {
            await server.Socket().CreateCluster("before");
            Assert.Equal(Executable.Done, (await Run("backup", folder.PathOf("copy"), "--data-dir", data)).Code);
            await server.Socket().CreateCluster("after");

            var (code, error) = await Run("restore", folder.PathOf("copy"), "--replace", "--data-dir", data);
            Assert.Equal(Executable.Failed, code);
            Assert.Contains("in use by another server", error, StringComparison.Ordinal);
        }

        Assert.Equal(Executable.Failed, (await Run("restore", folder.PathOf("copy"), "--data-dir", data)).Code);
        Assert.Equal((Executable.Done, ""), await Run("restore", folder.PathOf("copy"), "--replace", "--data-dir", data));

        await using var restored = await Start(folder);
        Assert.Equal(["before"], (await restored.Socket().ListClusters()).Select(cluster => cluster.Metadata.Id));
    }

    [Fact]
    public async Task A_further_key_opens_the_store_and_a_removed_one_does_not()
    {
        using var folder = new TemporaryFolder();
        var data = folder.PathOf("data");
        await using (var server = await Start(folder))
        {
            await server.Socket().CreateCluster("c1");
        }

        File.WriteAllText(folder.PathOf("second.key"), Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32)));
        var first = (await Output("keys", "list", "--data-dir", data)).Split('\t')[0];
        await Output("keys", "add", folder.PathOf("second.key"), "--data-dir", data);
        await Output("keys", "remove", first, "--data-dir", data, "--key-file", folder.PathOf("second.key"));
        await Output("keys", "rotate", "--data-dir", data, "--key-file", folder.PathOf("second.key"));

        var (code, error) = await Run("keys", "list", "--data-dir", data, "--key-file", Path.Combine(data, "store.key"));
        Assert.Equal(Executable.Failed, code);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        await using var reopened = await Start(folder, folder.PathOf("second.key"));
        Assert.Equal("c1", (await reopened.Socket().GetCluster("c1")).Metadata.Id);
    }

    [Fact]
    public async Task Commands_given_wrongly_say_how_they_are_given()
    {
        using var folder = new TemporaryFolder();

        Assert.Equal((Executable.AskedWrongly, "fleethold: usage: fleethold backup FILE\n"), await Run("backup", "--data-dir", folder.Path));
        Assert.Equal(
            (Executable.AskedWrongly, "fleethold: fleethold keys burn: there is list, add, remove and rotate\n"), await Run("keys", "burn", "--data-dir", folder.Path));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    private static Task<RunningServer> Start(TemporaryFolder folder, string? keyFile = null) => RunningServer.Start(
        configuration => configuration with
        {
            Storage = configuration.Storage with { Store = new StoreSettings.Sqlite() },
            Keys = keyFile is null ? configuration.Keys : configuration.Keys with { KeyFile = keyFile, CreateKeyFile = false },
        },
        folder: folder);

    private static async Task<string> Output(params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await Deadline.Within(Executable.Run(arguments, output, error));
        Assert.Equal((Executable.Done, ""), (code, error.ToString()));
        return output.ToString();
    }

    private static async Task<(int Code, string Error)> Run(params string[] arguments)
    {
        var error = new StringWriter();
        return (await Deadline.Within(Executable.Run(arguments, new StringWriter(), error)), error.ToString());
    }
}
