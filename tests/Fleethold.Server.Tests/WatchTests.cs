using Fleethold.Resources.Wire;
using Google.Protobuf;
using Grpc.Core;
using Type = Fleethold.Resources.Wire.EventType;

namespace Fleethold.Server.Tests;

public class WatchTests
{
    [Fact]
    public async Task A_watch_begins_with_an_empty_message_and_the_bootstrap_ends_with_a_bookmark()
    {
        await using var server = await RunningServer.Start();
        var client = server.Socket();
        await client.CreateCluster("b");
        await client.CreateCluster("a");

        using var watch = client.Watch(Messages.WatchClusters(new WatchOptions { BootstrapContents = true }));

        Assert.Empty((await watch.Next()).Event);
        var first = await watch.NextEvent();
        var second = await watch.NextEvent();
        var end = await watch.NextEvent();
        Assert.Equal((Type.Created, "a", false), (first.EventType, first.Resource.Metadata.Id, first.HasBookmark));
        Assert.Equal((Type.Created, "b", false), (second.EventType, second.Resource.Metadata.Id, second.HasBookmark));
        Assert.Equal((Type.Bootstrapped, "", "undefined", true), (end.EventType, end.Resource.Metadata.Id, end.Resource.Metadata.Version, end.HasBookmark));
        Assert.Equal(new Spec(), end.Resource.Spec);
    }

    [Fact]
    public async Task Every_event_after_the_bootstrap_carries_a_bookmark_and_updates_carry_the_old_resource()
    {
        await using var server = await RunningServer.Start();
        var client = server.Socket();
        using var watch = client.Watch(Messages.WatchClusters());
        Assert.Empty((await watch.Next()).Event);

        var created = await client.CreateCluster("c1");
        var updated = await client.UpdateCluster(created);
        await client.DestroyAsync(new DestroyRequest { Namespace = "default", Type = Messages.Clusters, Id = "c1" });

        var events = new[] { await watch.NextEvent(), await watch.NextEvent(), await watch.NextEvent() };
        Assert.Equal([Type.Created, Type.Updated, Type.Destroyed], events.Select(one => one.EventType));
        Assert.All(events, one => Assert.True(one.HasBookmark));
        Assert.Equal(created, events[0].Resource);
        Assert.Equal(created, events[1].Old);
        Assert.Equal(updated, events[1].Resource);
        Assert.Equal(updated, events[2].Resource);
        Assert.Null(events[2].Old);
    }

    [Fact]
    public async Task A_single_watch_begins_with_the_present_state()
    {
        await using var server = await RunningServer.Start();
        var client = server.Socket();
        var created = await client.CreateCluster("c1");
        using var present = client.Watch(Messages.WatchCluster("c1"));
        using var absent = client.Watch(Messages.WatchCluster("none"));
        Assert.Empty((await present.Next()).Event);
        Assert.Empty((await absent.Next()).Event);

        var there = await present.NextEvent();
        var gone = await absent.NextEvent();

        Assert.Equal((Type.Created, created), (there.EventType, there.Resource));
        Assert.Equal((Type.Destroyed, "none", "undefined"), (gone.EventType, gone.Resource.Metadata.Id, gone.Resource.Metadata.Version));
    }

    [Fact]
    public async Task A_watch_goes_on_from_a_bookmark()
    {
        await using var server = await RunningServer.Start();
        var client = server.Socket();
        using var watch = client.Watch(Messages.WatchClusters(new WatchOptions { BootstrapBookmark = true }));
        Assert.Empty((await watch.Next()).Event);
        var start = await watch.NextEvent();
        Assert.Equal(Type.Noop, start.EventType);
        await client.CreateCluster("a");
        await client.CreateCluster("b");
        var afterA = (await watch.NextEvent()).Bookmark;

        using var again = client.Watch(Messages.WatchClusters(new WatchOptions { StartFromBookmark = start.Bookmark }));
        using var later = client.Watch(Messages.WatchClusters(new WatchOptions { StartFromBookmark = afterA }));
        Assert.Empty((await again.Next()).Event);
        Assert.Empty((await later.Next()).Event);

        Assert.Equal("a", (await again.NextEvent()).Resource.Metadata.Id);
        Assert.Equal("b", (await again.NextEvent()).Resource.Metadata.Id);
        Assert.Equal("b", (await later.NextEvent()).Resource.Metadata.Id);
    }

    [Fact]
    public async Task A_bookmark_of_nobody_ends_the_watch_before_it_begins()
    {
        await using var server = await RunningServer.Start();
        var client = server.Socket();

        foreach (var bookmark in (byte[][])[[], [1, 2, 3], new byte[16]])
        {
            using var watch = client.Watch(Messages.WatchClusters(new WatchOptions { StartFromBookmark = ByteString.CopyFrom(bookmark) }));
            var status = await RunningServer.StatusOf(() => watch.ResponseStream.MoveNext(CancellationToken.None));
            Assert.Equal((StatusCode.FailedPrecondition, "invalid watch bookmark"), (status.StatusCode, status.Detail));
        }
    }

    [Fact]
    public async Task Options_that_exclude_each_other_are_refused()
    {
        await using var server = await RunningServer.Start();
        var client = server.Socket();
        var some = ByteString.CopyFrom(new byte[16]);
        var query = new LabelQuery { Terms = { new LabelTerm { Key = "a" } } };

        await Expect(StatusCode.InvalidArgument, "cannot use both TailEvents and StartFromBookmark options", Messages.WatchClusters(new WatchOptions { TailEvents = 1, StartFromBookmark = some }));
        await Expect(
            StatusCode.InvalidArgument,
            "cannot use BootstrapContents with TailEvents and StartFromBookmark options",
            Messages.WatchClusters(new WatchOptions { BootstrapContents = true, TailEvents = 1 }));
        await Expect(
            StatusCode.Unimplemented, "bootstrap contents is not implemented for resource watch", Messages.WatchCluster("a", new WatchOptions { BootstrapContents = true }));
        await Expect(
            StatusCode.Unimplemented, "label query is not implemented for resource watch", Messages.WatchCluster("a", new WatchOptions { LabelQuery = { query } }));

        async Task Expect(StatusCode code, string text, WatchRequest request)
        {
            using var watch = client.Watch(request);
            var status = await RunningServer.StatusOf(() => watch.ResponseStream.MoveNext(CancellationToken.None));
            Assert.Equal((code, text), (status.StatusCode, status.Detail));
        }
    }

    [Fact]
    public async Task Tail_events_are_the_last_ones_that_are_remembered()
    {
        await using var server = await RunningServer.Start();
        var client = server.Socket();
        foreach (var id in (string[])["a", "b", "c"])
        {
            await client.CreateCluster(id);
        }

        using var watch = client.Watch(Messages.WatchClusters(new WatchOptions { TailEvents = 2 }));
        Assert.Empty((await watch.Next()).Event);

        Assert.Equal("b", (await watch.NextEvent()).Resource.Metadata.Id);
        Assert.Equal("c", (await watch.NextEvent()).Resource.Metadata.Id);
    }

    [Fact]
    public async Task Leaving_and_entering_a_query_are_Destroyed_and_Created()
    {
        await using var server = await RunningServer.Start();
        var client = server.Socket();
        var query = new LabelQuery { Terms = { new LabelTerm { Key = "in" } } };
        using var watch = client.Watch(Messages.WatchClusters(new WatchOptions { LabelQuery = { query } }));
        Assert.Empty((await watch.Next()).Event);
        var outside = await client.CreateCluster("c1");

        outside.Metadata.Labels.Add("in", "");
        var inside = await client.UpdateCluster(outside);
        var entered = await watch.NextEvent();
        var without = inside.Clone();
        without.Metadata.Labels.Clear();
        var left = await client.UpdateCluster(without);
        var gone = await watch.NextEvent();

        Assert.Equal((Type.Created, inside), (entered.EventType, entered.Resource));
        Assert.Equal((Type.Destroyed, left), (gone.EventType, gone.Resource));
        Assert.Null(gone.Old);
    }

    [Fact]
    public async Task Aggregated_watches_get_several_events_in_one_message()
    {
        await using var server = await RunningServer.Start();
        var client = server.Socket();
        for (var index = 0; index < 20; index++)
        {
            await client.CreateCluster($"c{index:00}");
        }

        using var watch = client.Watch(Messages.WatchClusters(new WatchOptions { BootstrapContents = true, Aggregated = true }));
        Assert.Empty((await watch.Next()).Event);
        var all = await watch.Next();

        Assert.Equal(21, all.Event.Count);
        Assert.Equal(Type.Bootstrapped, all.Event[^1].EventType);
    }

    [Fact]
    public async Task Clients_of_the_first_version_are_not_told_of_the_end_of_the_bootstrap()
    {
        await using var server = await RunningServer.Start();
        var client = server.Socket();
        await client.CreateCluster("a");
        using var watch = client.Watch(Messages.WatchClusters(new WatchOptions { BootstrapContents = true }, apiVersion: 0));
        Assert.Empty((await watch.Next()).Event);
        Assert.Equal("a", (await watch.NextEvent()).Resource.Metadata.Id);

        await client.CreateCluster("b");

        Assert.Equal("b", (await watch.NextEvent()).Resource.Metadata.Id);
    }
}
