using Fleethold.Resources.Wire;
using Google.Protobuf;
using Grpc.Core;

namespace Fleethold.Server.Tests;

public class StateMethodTests
{
    [Fact]
    public async Task The_version_that_clients_ask_for_first_is_there()
    {
        await using var server = await RunningServer.Start();

        var answer = await server.Socket().GetAsync(new GetRequest { Namespace = "ephemeral", Type = "SysVersions.system.sidero.dev", Id = "current" });

        var spec = Fleethold.Resources.Specs.SysVersionSpec.Parser.ParseFrom(answer.Resource.Spec.ProtoSpec);
        Assert.Equal(("v1.10.0", 3u, "default"), (spec.BackendVersion, spec.BackendApiVersion, spec.InstanceName));
        Assert.Contains("backendversion: v1.10.0\n", answer.Resource.Spec.YamlSpec, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_answers_with_the_resource_as_stored()
    {
        await using var server = await RunningServer.Start();
        var client = server.Socket();

        var created = await client.CreateCluster("c1", ("a", "1"));

        Assert.Equal("1", created.Metadata.Version);
        Assert.Equal("1", created.Metadata.Labels["a"]);
        Assert.True(created.Metadata.Created.Seconds > 1_700_000_000);
        Assert.Equal(1_700_000_000, created.Metadata.Updated.Seconds);
        Assert.Contains("talosversion: 1.9.0\n", created.Spec.YamlSpec, StringComparison.Ordinal);
        Assert.Equal(created, await client.GetCluster("c1"));
    }

    [Fact]
    public async Task A_second_create_is_AlreadyExists()
    {
        await using var server = await RunningServer.Start();
        var client = server.Socket();
        await client.CreateCluster("c1");

        var status = await RunningServer.StatusOf(() => client.CreateCluster("c1"));

        Assert.Equal((StatusCode.AlreadyExists, "resource Clusters.omni.sidero.dev(default/c1@undefined) already exists"), (status.StatusCode, status.Detail));
    }

    [Fact]
    public async Task What_is_not_there_is_NotFound_for_every_method()
    {
        await using var server = await RunningServer.Start();
        var client = server.Socket();
        const string text = "resource Clusters.omni.sidero.dev(default/none@undefined) doesn't exist";

        await Expect(StatusCode.NotFound, text, () => client.GetCluster("none"));
        await Expect(StatusCode.NotFound, text, () => client.UpdateCluster(Messages.Cluster("none")));
        await Expect(StatusCode.NotFound, text, () => client.DestroyAsync(new DestroyRequest { Namespace = "default", Type = Messages.Clusters, Id = "none" }).ResponseAsync);
        await Expect(StatusCode.NotFound, text, () => client.TeardownAsync(new TeardownRequest { Namespace = "default", Type = Messages.Clusters, Id = "none" }).ResponseAsync);
        await Expect(
            StatusCode.NotFound, text, () => client.TeardownAndDestroyAsync(new TeardownAndDestroyRequest { Namespace = "default", Type = Messages.Clusters, Id = "none" }).ResponseAsync);
    }

    [Fact]
    public async Task Update_from_an_old_version_is_FailedPrecondition_so_that_clients_retry()
    {
        await using var server = await RunningServer.Start();
        var client = server.Socket();
        var first = await client.CreateCluster("c1");
        await client.UpdateCluster(first);

        await Expect(
            StatusCode.FailedPrecondition,
            "resource Clusters.omni.sidero.dev(default/c1@2) update conflict: expected version \"1\", actual version \"2\"",
            () => client.UpdateCluster(first));
    }

    [Fact]
    public async Task Update_with_the_wrong_owner_is_PermissionDenied_so_that_clients_give_up()
    {
        await using var server = await RunningServer.Start();
        var client = server.Socket();
        var created = (await client.CreateAsync(new CreateRequest { Resource = Messages.Cluster("c1"), Options = new CreateOptions { Owner = "SomeController" } })).Resource;

        Assert.Equal("SomeController", created.Metadata.Owner);
        await Expect(
            StatusCode.PermissionDenied, "resource Clusters.omni.sidero.dev(default/c1@1) is owned by \"SomeController\"", () => client.UpdateCluster(created));
        await Expect(
            StatusCode.PermissionDenied,
            "resource Clusters.omni.sidero.dev(default/c1@1) is owned by \"SomeController\"",
            () => client.DestroyAsync(new DestroyRequest { Namespace = "default", Type = Messages.Clusters, Id = "c1" }).ResponseAsync);
        Assert.Equal("2", (await client.UpdateCluster(created, new UpdateOptions { Owner = "SomeController" })).Metadata.Version);
    }

    [Fact]
    public async Task Update_in_another_phase_than_expected_is_InvalidArgument()
    {
        await using var server = await RunningServer.Start();
        var client = server.Socket();
        var held = await client.CreateCluster("c1");
        held.Metadata.Finalizers.Add("somebody");
        await client.UpdateCluster(held);
        Assert.False((await client.TeardownAsync(new TeardownRequest { Namespace = "default", Type = Messages.Clusters, Id = "c1" })).DestroyReady);
        var torn = await client.GetCluster("c1");

        await Expect(
            StatusCode.InvalidArgument,
            "resource Clusters.omni.sidero.dev(default/c1@3) is not in phase running",
            () => client.UpdateCluster(torn, new UpdateOptions { ExpectedPhase = "running" }));
        await Expect(StatusCode.InvalidArgument, "unknown phase: sleeping", () => client.UpdateCluster(torn, new UpdateOptions { ExpectedPhase = "sleeping" }));
        Assert.Equal("4", (await client.UpdateCluster(torn)).Metadata.Version);
    }

    [Fact]
    public async Task What_is_torn_down_and_held_by_nobody_is_destroyed_by_the_server()
    {
        await using var server = await RunningServer.Start();
        var client = server.Socket();
        await client.CreateCluster("c1");
        using var gone = server.State.Watch(Fleethold.Resources.Kinds.Clusters.Named("c1"), Fleethold.Runtime.WatchOptions.FromNow).Value;

        Assert.True((await client.TeardownAsync(new TeardownRequest { Namespace = "default", Type = Messages.Clusters, Id = "c1" })).DestroyReady);

        await foreach (var change in Fleethold.Runtime.StateExtensions.ReadAll(gone, Fleethold.Testing.Deadline.Token))
        {
            if (change.Type == Fleethold.Runtime.EventType.Destroyed)
            {
                break;
            }
        }
    }

    [Fact]
    public async Task Finalizers_hold_up_destroy_but_not_teardown()
    {
        await using var server = await RunningServer.Start();
        var client = server.Socket();
        var created = await client.CreateCluster("c1");
        created.Metadata.Finalizers.Add("x");
        created.Metadata.Finalizers.Add("y");
        await client.UpdateCluster(created);

        await Expect(
            StatusCode.FailedPrecondition,
            "resource Clusters.omni.sidero.dev(default/c1@2) has pending finalizers [x y]",
            () => client.DestroyAsync(new DestroyRequest { Namespace = "default", Type = Messages.Clusters, Id = "c1" }).ResponseAsync);
        Assert.False((await client.TeardownAsync(new TeardownRequest { Namespace = "default", Type = Messages.Clusters, Id = "c1" })).DestroyReady);
    }

    [Fact]
    public async Task TeardownAndDestroy_waits_for_the_finalizers()
    {
        await using var server = await RunningServer.Start();
        var client = server.Socket();
        var created = await client.CreateCluster("c1");
        created.Metadata.Finalizers.Add("x");
        await client.UpdateCluster(created);
        using var watch = client.Watch(Messages.WatchCluster("c1"));
        Assert.Empty((await watch.Next()).Event);
        await watch.NextEvent();

        var destroyed = client.TeardownAndDestroyAsync(new TeardownAndDestroyRequest { Namespace = "default", Type = Messages.Clusters, Id = "c1" }).ResponseAsync;
        var torn = (await watch.NextEvent()).Resource;
        Assert.Equal("tearingDown", torn.Metadata.Phase);
        Assert.False(destroyed.IsCompleted);
        torn.Metadata.Finalizers.Clear();
        await client.UpdateCluster(torn);

        await Fleethold.Testing.Deadline.Within(destroyed);
        await Expect(StatusCode.NotFound, null, () => client.GetCluster("c1"));
    }

    [Fact]
    public async Task List_comes_in_the_order_of_ids_one_resource_a_message()
    {
        await using var server = await RunningServer.Start();
        var client = server.Socket();
        foreach (var id in (string[])["b", "a", "c", "B"])
        {
            await client.CreateCluster(id);
        }

        Assert.Equal(["B", "a", "b", "c"], (await client.ListClusters()).Select(resource => resource.Metadata.Id));
    }

    [Fact]
    public async Task List_takes_label_and_id_queries()
    {
        await using var server = await RunningServer.Start();
        var client = server.Socket();
        await client.CreateCluster("a1", ("env", "prod"));
        await client.CreateCluster("a2", ("env", "test"));
        await client.CreateCluster("b1", ("other", ""));

        var byLabel = new ListOptions { LabelQuery = { new LabelQuery { Terms = { new LabelTerm { Key = "env", Op = LabelTerm.Types.Operation.Equal, Value = { "prod" } } } } } };
        var withoutLabel = new ListOptions { LabelQuery = { new LabelQuery { Terms = { new LabelTerm { Key = "env", Op = LabelTerm.Types.Operation.NotExists } } } } };
        var byId = new ListOptions { IdQuery = new IDQuery { Regexp = "^a" } };

        Assert.Equal(["a1"], (await client.ListClusters(byLabel)).Select(resource => resource.Metadata.Id));
        Assert.Equal(["b1"], (await client.ListClusters(withoutLabel)).Select(resource => resource.Metadata.Id));
        Assert.Equal(["a1", "a2"], (await client.ListClusters(byId)).Select(resource => resource.Metadata.Id));
    }

    [Fact]
    public async Task Queries_that_cannot_be_evaluated_are_refused()
    {
        await using var server = await RunningServer.Start();
        var client = server.Socket();
        ListOptions With(LabelTerm term) => new() { LabelQuery = { new LabelQuery { Terms = { term } } } };

        await Expect(StatusCode.InvalidArgument, null, () => client.ListClusters(With(new LabelTerm { Key = "a", Op = LabelTerm.Types.Operation.Equal })));
        await Expect(
            StatusCode.Unimplemented, "unsupported label query operator: 99", () => client.ListClusters(With(new LabelTerm { Key = "a", Op = (LabelTerm.Types.Operation)99 })));
        var status = await RunningServer.StatusOf(() => client.ListClusters(new ListOptions { IdQuery = new IDQuery { Regexp = "(" } }));
        Assert.Equal(StatusCode.InvalidArgument, status.StatusCode);
        Assert.StartsWith("failed to compile regexp: ", status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_breaks_the_form_of_a_resource_is_InvalidArgument()
    {
        await using var server = await RunningServer.Start();
        var client = server.Socket();
        Task Create(Resource? resource) => client.CreateAsync(new CreateRequest { Resource = resource }).ResponseAsync;
        var noSpec = Messages.Cluster("c1");
        noSpec.Spec = null;
        var badVersion = Messages.Cluster("c1", version: "one");
        var badPhase = Messages.Cluster("c1");
        badPhase.Metadata.Phase = "sleeping";
        var badSpec = Messages.Cluster("c1");
        badSpec.Spec.ProtoSpec = ByteString.CopyFrom(0x0a, 0xff);

        await Expect(StatusCode.InvalidArgument, "metadata is missing", () => Create(null));
        await Expect(StatusCode.InvalidArgument, "metadata is missing", () => Create(new Resource()));
        await Expect(StatusCode.InvalidArgument, "spec is missing", () => Create(noSpec));
        await Expect(StatusCode.InvalidArgument, null, () => Create(badVersion));
        await Expect(StatusCode.InvalidArgument, "unknown phase: sleeping", () => Create(badPhase));
        await Expect(StatusCode.InvalidArgument, null, () => Create(badSpec));
    }

    [Fact]
    public async Task Names_and_labels_from_outside_have_limits()
    {
        await using var server = await RunningServer.Start();
        var client = server.Socket();
        var many = Messages.Cluster("c1");
        for (var index = 0; index < 257; index++)
        {
            many.Metadata.Labels.Add($"l{index}", "");
        }

        await Expect(StatusCode.InvalidArgument, "failed to validate: 1 error occurred:\n\t* resource ID must not be empty\n\n", () => client.CreateCluster(""));
        await Expect(
            StatusCode.InvalidArgument,
            "failed to validate: 2 errors occurred:\n\t* resource ID must not contain control characters\n\t* label value for key \"a\" is too long: 16385 bytes (max 16384)\n\n",
            () => client.CreateCluster("a\tb", ("a", new string('x', 16385))));
        await Expect(
            StatusCode.InvalidArgument,
            "failed to validate: 1 error occurred:\n\t* too many labels: 257 (max 256)\n\n",
            () => client.CreateAsync(new CreateRequest { Resource = many }).ResponseAsync);
    }

    [Fact]
    public async Task A_kind_nobody_knows_is_kept_as_it_came()
    {
        await using var server = await RunningServer.Start();
        var client = server.Socket();
        var resource = Messages.Cluster("x");
        resource.Metadata.Type = "Things.lab.infraprovider.sidero.dev";
        resource.Metadata.Namespace = "infra-provider:lab";
        resource.Spec = new Spec { ProtoSpec = ByteString.CopyFrom(1, 2, 3), YamlSpec = "a: b\n" };

        await client.CreateAsync(new CreateRequest { Resource = resource });
        var read = await client.GetAsync(new GetRequest { Namespace = "infra-provider:lab", Type = resource.Metadata.Type, Id = "x" });

        Assert.Equal(resource.Spec, read.Resource.Spec);
    }

    [Fact]
    public async Task Definitions_and_computed_kinds_are_not_written_from_outside()
    {
        await using var server = await RunningServer.Start();
        var client = server.Socket();
        Task Create(string name) => client.CreateAsync(new CreateRequest { Resource = In(name) }).ResponseAsync;
        static Resource In(string name)
        {
            var resource = Messages.Cluster("c1");
            resource.Metadata.Namespace = name;
            return resource;
        }

        await Expect(StatusCode.PermissionDenied, "only read access is permitted", () => Create("meta"));
        await Expect(StatusCode.Unimplemented, "create is not supported", () => Create("virtual"));
        await Expect(StatusCode.Unimplemented, "create is not supported", () => Create("external"));
        await Expect(
            StatusCode.PermissionDenied,
            "only read access is permitted",
            () => client.TeardownAsync(new TeardownRequest { Namespace = "meta", Type = "Namespaces.meta.cosi.dev", Id = "default" }).ResponseAsync);
    }

    [Fact]
    public async Task Computed_kinds_that_are_not_there_yet_say_so_instead_of_hanging()
    {
        await using var server = await RunningServer.Start();
        var client = server.Socket();
        const string type = "CurrentUsers.omni.sidero.dev";
        using var watch = client.Watch(new WatchRequest { Namespace = "virtual", Type = type, Id = "current" });

        await Expect(
            StatusCode.Unimplemented,
            $"\"{type}\" in namespace \"virtual\" is not implemented yet",
            () => client.GetAsync(new GetRequest { Namespace = "virtual", Type = type, Id = "current" }).ResponseAsync);
        await Expect(StatusCode.Unimplemented, $"unsupported resource type for watch \"{type}\"", () => watch.ResponseStream.MoveNext(CancellationToken.None));
    }

    [Fact]
    public async Task Calls_for_a_machines_own_state_and_unknown_methods_are_Unimplemented()
    {
        await using var server = await RunningServer.Start();
        var client = server.Socket();
        var unknown = new Method<GetRequest, GetResponse>(
            MethodType.Unary, "cosi.resource.State", "Nope", Marshallers.Create(m => m.ToByteArray(), GetRequest.Parser.ParseFrom), Marshallers.Create(m => m.ToByteArray(), GetResponse.Parser.ParseFrom));
        var invoker = server.SocketChannel().CreateCallInvoker();

        await Expect(
            StatusCode.Unimplemented,
            "the proxy to the Talos API of machines is not implemented yet",
            () => client.GetAsync(new GetRequest(), new Grpc.Core.Metadata { { "runtime", "Talos" } }).ResponseAsync);
        await Expect(
            StatusCode.Unimplemented,
            "unknown method Nope for service cosi.resource.State",
            () => invoker.AsyncUnaryCall(unknown, null, default, new GetRequest()).ResponseAsync);
    }

    private static async Task Expect(StatusCode code, string? text, Func<Task> call)
    {
        var status = await RunningServer.StatusOf(call);
        Assert.Equal((code, text ?? status.Detail), (status.StatusCode, status.Detail));
    }
}
