using System.Net;
using Fleethold.Runtime.States;
using Fleethold.Server.States;

namespace Fleethold.Server.Tests;

public class HealthTests
{
    [Theory]
    [InlineData("/healthz", 1)]
    [InlineData("/healthz", 2)]
    [InlineData("/readyz", 1)]
    [InlineData("/readyz", 2)]
    public async Task A_server_that_can_be_used_says_so_in_both_versions_of_HTTP(string path, int version)
    {
        await using var server = await RunningServer.Start();
        using var client = server.TlsClient();

        using var get = await Send(server, client, HttpMethod.Get, path, version);
        using var head = await Send(server, client, HttpMethod.Head, path, version);
        using var post = await Send(server, client, HttpMethod.Post, path, version);

        Assert.Equal((HttpStatusCode.OK, "ok\n"), (get.StatusCode, await get.Content.ReadAsStringAsync(Fleethold.Testing.Deadline.Token)));
        Assert.Equal((HttpStatusCode.OK, ""), (head.StatusCode, await head.Content.ReadAsStringAsync(Fleethold.Testing.Deadline.Token)));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, post.StatusCode);
        Assert.Equal(version, get.Version.Major);
    }

    [Fact]
    public async Task A_store_that_takes_no_writes_makes_the_server_unready_but_it_still_answers()
    {
        var log = new GatedLog();
        await using var server = await RunningServer.Start(services: log.Use);
        var client = server.Socket();
        await client.CreateCluster("c1");
        using var web = server.TlsClient();
        log.Broken = "the disk is full: make room";

        var status = await RunningServer.StatusOf(() => client.CreateCluster("c2"));

        Assert.Equal(Grpc.Core.StatusCode.Unavailable, status.StatusCode);
        Assert.Contains("the disk is full: make room", status.Detail, StringComparison.Ordinal);
        Assert.Equal("c1", (await client.GetCluster("c1")).Metadata.Id);
        using var health = await Send(server, web, HttpMethod.Get, "/healthz", 2);
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        using var ready = await Send(server, web, HttpMethod.Get, "/readyz", 2);
        Assert.Equal(HttpStatusCode.InternalServerError, ready.StatusCode);
        Assert.DoesNotContain("disk", await ready.Content.ReadAsStringAsync(Fleethold.Testing.Deadline.Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_does_not_answer_within_a_second_is_not_healthy()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var stuck = new StuckState();

        var reading = Observation.Health.Reads(stuck, clock);
        Assert.False(reading.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(1));

        Assert.False(await Fleethold.Testing.Deadline.Within(reading));
    }

    private static Task<HttpResponseMessage> Send(RunningServer server, HttpClient client, HttpMethod method, string path, int version) => client.SendAsync(
        new HttpRequestMessage(method, $"https://localhost:{server.ApiPort}{path}") { Version = new Version(version, version == 1 ? 1 : 0), VersionPolicy = HttpVersionPolicy.RequestVersionExact },
        Fleethold.Testing.Deadline.Token);

    private sealed class StuckState() : StateDecorator(ResourceState.InMemory(TimeProvider.System))
    {
        public override ValueTask<Fleethold.Resources.Outcome<Fleethold.Resources.Resource>> Get(
            Fleethold.Resources.ResourceRef reference, CancellationToken cancellation = default) =>
            new(new TaskCompletionSource<Fleethold.Resources.Outcome<Fleethold.Resources.Resource>>().Task);
    }
}
