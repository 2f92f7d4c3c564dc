using Fleethold.Resources;
using Fleethold.Resources.Wire;
using Fleethold.Server.States;
using Grpc.Core;
using Resource = Fleethold.Resources.Wire.Resource;

namespace Fleethold.Server.Tests;

public class ProviderTests
{
    private static readonly Grpc.Core.Metadata Lab = new() { { "providerid", "lab" } };
    private static readonly string Statuses = Kinds.MachineRequestStatuses.Type;

    [Fact]
    public async Task A_provider_nobody_registered_gets_nothing()
    {
        await using var server = await RunningServer.Start();

        var status = await RunningServer.StatusOf(() => Get(server, Statuses, "a"));

        Assert.Equal((StatusCode.PermissionDenied, "infra provider with name \"lab\" is not registered in the system"), (status.StatusCode, status.Detail));
    }

    [Fact]
    public async Task A_provider_sees_and_changes_only_what_is_its_own()
    {
        await using var server = await StartWithLab();
        await Put(server, Statuses, "mine", "lab");
        await Put(server, Statuses, "theirs", "other");
        var client = server.Reader();

        using var list = client.List(new ListRequest { Namespace = "infra-provider", Type = Statuses }, Lab);
        Assert.True(await list.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal("mine", list.ResponseStream.Current.Resource.Metadata.Id);
        Assert.False(await list.ResponseStream.MoveNext(CancellationToken.None));
        await Expect(StatusCode.NotFound, "not found", () => Get(server, Statuses, "theirs"));
        await Expect(
            StatusCode.NotFound, "not found", () => client.DestroyAsync(new DestroyRequest { Namespace = "infra-provider", Type = Statuses, Id = "theirs" }, Lab).ResponseAsync);
        await client.DestroyAsync(new DestroyRequest { Namespace = "infra-provider", Type = Statuses, Id = "mine" }, Lab);
    }

    [Fact]
    public async Task What_a_provider_makes_gets_its_label()
    {
        await using var server = await StartWithLab();

        var created = (await server.Reader().CreateAsync(new CreateRequest { Resource = New(Statuses, "a") }, Lab)).Resource;

        Assert.Equal("lab", created.Metadata.Labels[ProviderState.Label]);
    }

    [Fact]
    public async Task A_provider_only_sets_finalizers_on_what_the_server_asks_of_it()
    {
        await using var server = await StartWithLab();
        var type = Kinds.MachineRequests.Type;
        await Put(server, type, "a", "lab");
        var client = server.Reader();
        var request = await Get(server, type, "a");
        request.Metadata.Finalizers.Add("lab");
        var updated = (await client.UpdateAsync(new UpdateRequest { NewResource = request }, Lab)).Resource;
        updated.Metadata.Labels["x"] = "y";

        await Expect(
            StatusCode.PermissionDenied,
            $"infra providers are not allowed to update \"{type}\" resources other than setting finalizers",
            () => client.UpdateAsync(new UpdateRequest { NewResource = updated }, Lab).ResponseAsync);
        await Expect(
            StatusCode.PermissionDenied,
            $"infra providers are not allowed to create \"{type}\" resources",
            () => client.CreateAsync(new CreateRequest { Resource = New(type, "b") }, Lab).ResponseAsync);
        await Expect(
            StatusCode.PermissionDenied,
            $"infra providers are not allowed to destroy \"{type}\" resources",
            () => client.DestroyAsync(new DestroyRequest { Namespace = "infra-provider", Type = type, Id = "a" }, Lab).ResponseAsync);
    }

    [Fact]
    public async Task A_provider_has_a_namespace_of_its_own_and_no_other()
    {
        await using var server = await StartWithLab();
        var client = server.Reader();
        Resource In(string name, string type)
        {
            var resource = New(type, "x");
            resource.Metadata.Namespace = name;
            return resource;
        }

        await client.CreateAsync(new CreateRequest { Resource = In("infra-provider:lab", "Things.lab.infraprovider.sidero.dev") }, Lab);

        await Expect(
            StatusCode.InvalidArgument,
            "resources in namespace \"infra-provider:lab\" must have a type suffix \".lab.infraprovider.sidero.dev\"",
            () => client.CreateAsync(new CreateRequest { Resource = In("infra-provider:lab", "Things.other.dev") }, Lab).ResponseAsync);
        await Expect(
            StatusCode.PermissionDenied,
            "namespace not allowed, must be one of: infra-provider, infra-provider-ephemeral, infra-provider:lab",
            () => client.CreateAsync(new CreateRequest { Resource = In("infra-provider:other", "Things.other.infraprovider.sidero.dev") }, Lab).ResponseAsync);
    }

    [Fact]
    public async Task A_provider_reports_only_under_its_own_name()
    {
        await using var server = await StartWithLab();
        var client = server.Reader();
        var type = Kinds.InfraProviderStatuses.Type;

        await client.CreateAsync(new CreateRequest { Resource = New(type, "lab") }, Lab);

        await Expect(
            StatusCode.InvalidArgument,
            "resource ID must match the infra provider ID \"lab\"",
            () => client.CreateAsync(new CreateRequest { Resource = New(type, "other") }, Lab).ResponseAsync);
    }

    [Fact]
    public async Task Other_kinds_are_closed_to_providers_but_for_the_few_that_they_need()
    {
        await using var server = await StartWithLab();
        const string prefix = "failed to validate: 1 error occurred:\n\t* rpc error: code = PermissionDenied desc = ";

        await server.Reader().GetAsync(new GetRequest { Namespace = "ephemeral", Type = Kinds.SysVersions.Type, Id = "current" }, Lab);
        await Expect(StatusCode.PermissionDenied, prefix + "no access is permitted\n\n", () => server.Reader().ListClusters(headers: Lab));
        await Expect(
            StatusCode.PermissionDenied,
            prefix + "only read access is permitted\n\n",
            () => server.Reader().DestroyAsync(new DestroyRequest { Namespace = "default", Type = Kinds.Machines.Type, Id = "m" }, Lab).ResponseAsync);
    }

    [Fact]
    public async Task Watches_of_a_provider_leave_out_what_belongs_to_others()
    {
        await using var server = await StartWithLab();
        await Put(server, Statuses, "theirs", "other");
        using var watch = server.Reader().Watch(
            new WatchRequest { Namespace = "infra-provider", Type = Statuses, ApiVersion = 1, Options = new Resources.Wire.WatchOptions { BootstrapContents = true } }, Lab);
        Assert.Empty((await watch.Next()).Event);
        Assert.Equal(Resources.Wire.EventType.Bootstrapped, (await watch.NextEvent()).EventType);

        await Put(server, Statuses, "theirs too", "other");
        await Put(server, Statuses, "mine", "lab");

        Assert.Equal("mine", (await watch.NextEvent()).Resource.Metadata.Id);
    }

    private static async Task<RunningServer> StartWithLab()
    {
        var server = await RunningServer.Start();
        _ = (await server.State.Create(Kinds.InfraProviders.New("lab"))).Value;
        return server;
    }

    private static async Task Put(RunningServer server, string type, string id, string provider)
    {
        var resource = ResourceCodec.FromProto(New(type, id)).Value;
        _ = (await server.State.Create(resource.With(resource.Metadata.WithLabel(ProviderState.Label, provider)))).Value;
    }

    private static Resource New(string type, string id)
    {
        var resource = Messages.Cluster(id);
        resource.Metadata.Namespace = "infra-provider";
        resource.Metadata.Type = type;
        resource.Spec = new Spec();
        return resource;
    }

    private static async Task<Resource> Get(RunningServer server, string type, string id) =>
        (await server.Reader().GetAsync(new GetRequest { Namespace = "infra-provider", Type = type, Id = id }, Lab)).Resource;

    private static async Task Expect(StatusCode code, string text, Func<Task> call)
    {
        var status = await RunningServer.StatusOf(call);
        Assert.Equal((code, text), (status.StatusCode, status.Detail));
    }
}
