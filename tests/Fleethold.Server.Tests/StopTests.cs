using Fleethold.Resources.Wire;
using Fleethold.Server.Host;
using Grpc.Core;

namespace Fleethold.Server.Tests;

public class StopTests
{
    [Fact]
    public async Task Watches_and_waiting_calls_end_with_Unavailable()
    {
        await using var server = await RunningServer.Start();
        var client = server.Socket();
        var created = await client.CreateCluster("c1");
        created.Metadata.Finalizers.Add("x");
        await client.UpdateCluster(created);
        using var watch = client.Watch(Messages.WatchCluster("c1"));
        Assert.Empty((await watch.Next()).Event);
        await watch.NextEvent();
        var waiting = client.TeardownAndDestroyAsync(new TeardownAndDestroyRequest { Namespace = "default", Type = Messages.Clusters, Id = "c1" }).ResponseAsync;
        await watch.NextEvent();

        var stopped = server.App.StopAsync(Fleethold.Testing.Deadline.Token);

        foreach (var call in (Func<Task>[])[() => watch.ResponseStream.MoveNext(CancellationToken.None), () => waiting])
        {
            var status = await RunningServer.StatusOf(call);
            Assert.Equal((StatusCode.Unavailable, "the server is stopping"), (status.StatusCode, status.Detail));
        }

        await Fleethold.Testing.Deadline.Within(stopped);
        Assert.False(File.Exists(server.SocketPath));
    }

    [Fact]
    public async Task A_write_that_is_under_way_is_finished_before_the_store_is_closed()
    {
        var log = new GatedLog();
        await using var server = await RunningServer.Start(services: log.Use);
        var client = server.Socket();
        var reached = log.HoldUp();
        var creating = client.CreateCluster("c1");
        await Fleethold.Testing.Deadline.Within(reached);

        var stopping = new TaskCompletionSource();
        server.App.Lifetime.ApplicationStopping.Register(stopping.SetResult);
        var stopped = server.App.StopAsync(Fleethold.Testing.Deadline.Token);
        await Fleethold.Testing.Deadline.Within(stopping.Task);
        var refused = await RunningServer.StatusOf(() => client.GetCluster("c1"));
        Assert.False(log.Closed.IsCompleted);
        log.Release();

        Assert.Equal("1", (await Fleethold.Testing.Deadline.Within(creating)).Metadata.Version);
        await Fleethold.Testing.Deadline.Within(log.Closed);
        await Fleethold.Testing.Deadline.Within(stopped);
        Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
    }

    [Fact]
    public async Task Parts_start_in_the_order_of_their_stages_and_stop_in_reverse()
    {
        var story = new List<string>();
        var stages = new Stages([new Part(Stage.Controllers, story), new Part(Stage.Store, story), new Part(Stage.Edge, story), new Part(Stage.State, story)]);

        await stages.StartAsync(CancellationToken.None);
        await stages.StopAsync(CancellationToken.None);

        Assert.Equal(
            ["+Store", "+State", "+Controllers", "+Edge", "-Edge", "-Controllers", "-State", "-Store"], story);
    }

    [Fact]
    public async Task A_part_that_fails_to_stop_does_not_keep_the_store_open()
    {
        var story = new List<string>();
        var stages = new Stages([new Part(Stage.Store, story), new Part(Stage.Controllers, story) { FailsToStop = true }]);
        await stages.StartAsync(CancellationToken.None);

        await Assert.ThrowsAsync<AggregateException>(() => stages.StopAsync(CancellationToken.None));

        Assert.Equal(["+Store", "+Controllers", "-Store"], story);
    }

    [Fact]
    public async Task A_part_that_fails_to_start_takes_down_those_before_it()
    {
        var story = new List<string>();
        var stages = new Stages([new Part(Stage.Store, story), new Part(Stage.State, story) { FailsToStart = true }]);

        await Assert.ThrowsAsync<StartException>(() => stages.StartAsync(CancellationToken.None));

        Assert.Equal(["+Store", "-Store"], story);
    }

    private sealed class Part(Stage stage, List<string> story) : IStageService
    {
        public Stage Stage => stage;

        public bool FailsToStart { get; init; }

        public bool FailsToStop { get; init; }

        public Task Start(CancellationToken cancellation)
        {
            if (FailsToStart)
            {
                throw new StartException("no");
            }

            story.Add($"+{stage}");
            return Task.CompletedTask;
        }

        public Task Stop(CancellationToken cancellation)
        {
            if (FailsToStop)
            {
                throw new InvalidOperationException("no");
            }

            story.Add($"-{stage}");
            return Task.CompletedTask;
        }
    }
}
