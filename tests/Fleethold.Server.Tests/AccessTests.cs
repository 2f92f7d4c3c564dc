using Fleethold.Resources.Wire;
using Fleethold.Server.Access;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Fleethold.Server.Tests;

public class AccessTests
{
    [Fact]
    public async Task Every_endpoint_has_a_decision_for_every_door()
    {
        await using var server = await RunningServer.Start();
        var endpoints = server.App.Services.GetRequiredService<EndpointDataSource>().Endpoints;

        var undecided = endpoints.Select(AccessGate.NameOf)
            .SelectMany(name => System.Enum.GetValues<Door>().Where(door => AccessTable.Find(name, door) is null).Select(door => $"{name} at {door}"));

        Assert.Empty(undecided);
        Google.Protobuf.Reflection.ServiceDescriptor[] services =
        [
            State.Descriptor,
            Fleethold.Resources.Wire.Management.ManagementService.Descriptor,
            SideroLink.Wire.ProvisionService.Descriptor,
            SideroLink.Wire.WireGuardOverGRPCService.Descriptor,
            SideroLink.Wire.EventSinkService.Descriptor,
        ];
        var methods = services.SelectMany(service => service.Methods.Select(method => $"/{service.FullName}/{method.Name}")).Order(StringComparer.Ordinal);
        Assert.Equal(
            methods, endpoints.Where(endpoint => endpoint.Metadata.GetMetadata<GrpcMethodMetadata>() is not null).Select(AccessGate.NameOf).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_endpoint_without_a_decision_is_refused()
    {
        await using var server = await RunningServer.Start(prepare: app => app.Map("/forgotten", () => "secret"));
        using var client = server.TlsClient();

        using var answer = await client.GetAsync($"https://localhost:{server.ApiPort}/forgotten", Fleethold.Testing.Deadline.Token);

        Assert.Equal(System.Net.HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task At_the_public_door_every_method_asks_for_a_sign_in()
    {
        await using var server = await RunningServer.Start();
        var client = new State.StateClient(server.TlsChannel());
        var name = new { Namespace = "default", Type = Messages.Clusters };
        using var list = client.List(new ListRequest());
        using var watch = client.Watch(new WatchRequest());
        Func<Task>[] calls =
        [
            () => client.GetAsync(new GetRequest { Namespace = "ephemeral", Type = "SysVersions.system.sidero.dev", Id = "current" }).ResponseAsync,
            () => list.ResponseStream.MoveNext(CancellationToken.None),
            () => watch.ResponseStream.MoveNext(CancellationToken.None),
            () => client.CreateCluster("c1"),
            () => client.UpdateCluster(Messages.Cluster("c1")),
            () => client.DestroyAsync(new DestroyRequest()).ResponseAsync,
            () => client.TeardownAsync(new TeardownRequest()).ResponseAsync,
            () => client.TeardownAndDestroyAsync(new TeardownAndDestroyRequest()).ResponseAsync,
            () => client.GetAsync(new GetRequest(), new Grpc.Core.Metadata { { "runtime", "Talos" } }).ResponseAsync,
            () => client.GetAsync(new GetRequest(), new Grpc.Core.Metadata { { "providerid", "lab" } }).ResponseAsync,
        ];

        foreach (var call in calls)
        {
            var status = await RunningServer.StatusOf(call);
            Assert.Equal(StatusCode.Unauthenticated, status.StatusCode);
            Assert.Contains("fhctl", status.Detail, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_local_door_reads_and_does_not_write()
    {
        await using var server = await RunningServer.Start();
        await server.Socket().CreateCluster("c1");
        var reader = server.Reader();

        Assert.Equal("c1", (await reader.GetCluster("c1")).Metadata.Id);
        Assert.Single(await reader.ListClusters());
        Func<Task>[] writes =
        [
            () => reader.CreateCluster("c2"),
            () => reader.UpdateCluster(Messages.Cluster("c1", "1")),
            () => reader.DestroyAsync(new DestroyRequest { Namespace = "default", Type = Messages.Clusters, Id = "c1" }).ResponseAsync,
            () => reader.TeardownAsync(new TeardownRequest { Namespace = "default", Type = Messages.Clusters, Id = "c1" }).ResponseAsync,
            () => reader.TeardownAndDestroyAsync(new TeardownAndDestroyRequest { Namespace = "default", Type = Messages.Clusters, Id = "c1" }).ResponseAsync,
        ];
        foreach (var write in writes)
        {
            var status = await RunningServer.StatusOf(write);
            Assert.Equal((StatusCode.PermissionDenied, "only read access is permitted"), (status.StatusCode, status.Detail));
        }
    }

    [Fact]
    public async Task Metrics_are_only_served_at_their_own_door()
    {
        await using var server = await RunningServer.Start();
        using var tls = server.TlsClient();
        using var plain = new HttpClient();

        using var elsewhere = await tls.GetAsync($"https://localhost:{server.ApiPort}/metrics", Fleethold.Testing.Deadline.Token);
        var text = await plain.GetStringAsync($"http://127.0.0.1:{server.MetricsPort}/metrics", Fleethold.Testing.Deadline.Token);

        Assert.Equal(System.Net.HttpStatusCode.NotFound, elsewhere.StatusCode);
        Assert.Contains("fleethold_build_info{version=\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Operations_on_resources_are_counted_under_the_name_that_dashboards_know()
    {
        await using var server = await RunningServer.Start();
        await server.Socket().CreateCluster("c1");
        using var plain = new HttpClient();

        var text = await plain.GetStringAsync($"http://127.0.0.1:{server.MetricsPort}/metrics", Fleethold.Testing.Deadline.Token);

        Assert.Contains("omni_resource_operations_total{operation=\"create\",resource=\"Clusters.omni.sidero.dev\"} ", text, StringComparison.Ordinal);
        Assert.DoesNotContain("omni_resource_operations_total_total", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_Unix_socket_is_for_its_owner_only()
    {
        await using var server = await RunningServer.Start();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(server.SocketPath));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(server.SocketPath)!));
    }
}
