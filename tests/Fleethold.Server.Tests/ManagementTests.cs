using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Fleethold.Resources.Wire.Management;
using Fleethold.Runtime;
using Fleethold.Server.Configuration;
using Fleethold.Server.States;
using Fleethold.SideroLink.Provision;
using Fleethold.Testing;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Client = Fleethold.Resources.Wire.Management.ManagementService.ManagementServiceClient;

namespace Fleethold.Server.Tests;

public class ManagementTests
{
    [Fact]
    public async Task At_first_start_there_is_one_token_and_it_is_the_default()
    {
        await using var server = await RunningServer.Start();

        var token = Assert.Single(await server.State.List(Kinds.JoinTokens, cancellation: Deadline.Token));
        var chosen = (await server.State.Get(Kinds.DefaultJoinTokens, "default", Deadline.Token)).Value;

        Assert.Equal(("initial token", false, null), (token.Spec.Name, token.Spec.Revoked, token.Spec.ExpirationTime));
        Assert.InRange(token.Metadata.Id.Length, 43, 52);
        Assert.Equal(token.Metadata.Id, chosen.Spec.TokenId);
        Assert.False(await InitialJoinToken.Ensure(server.State, Deadline.Token));
        Assert.Single(await server.State.List(Kinds.JoinTokens, cancellation: Deadline.Token));
    }

    [Fact]
    public async Task The_initial_token_of_an_older_store_is_kept_and_a_missing_default_is_chosen()
    {
        await using var inherited = Fleethold.Runtime.States.ResourceState.InMemory(TimeProvider.System);
        await inherited.Create(Kinds.Configs.New("siderolink-config", new SiderolinkConfigSpec { InitialJoinToken = "kept" }), cancellation: Deadline.Token);
        await using var interrupted = Fleethold.Runtime.States.ResourceState.InMemory(TimeProvider.System);
        await interrupted.Create(Kinds.JoinTokens.New("a", new JoinTokenSpec { Name = "other" }), cancellation: Deadline.Token);
        await interrupted.Create(Kinds.JoinTokens.New("b", new JoinTokenSpec { Name = "initial token" }), cancellation: Deadline.Token);

        Assert.True(await InitialJoinToken.Ensure(inherited, Deadline.Token));
        Assert.False(await InitialJoinToken.Ensure(interrupted, Deadline.Token));

        Assert.Equal("kept", (await inherited.Get(Kinds.DefaultJoinTokens, "default", Deadline.Token)).Value.Spec.TokenId);
        Assert.Equal("b", (await interrupted.Get(Kinds.DefaultJoinTokens, "default", Deadline.Token)).Value.Spec.TokenId);
    }

    [Fact]
    public async Task A_created_token_has_its_name_and_its_end()
    {
        await using var server = await RunningServer.Start();
        var end = new Timestamp { Seconds = 1_900_000_000, Nanos = 5 };

        var id = (await new Client(server.SocketChannel()).CreateJoinTokenAsync(new CreateJoinTokenRequest { Name = "0123456789abcdef", ExpirationTime = end })).Id;

        var token = (await server.State.Get(Kinds.JoinTokens, id, Deadline.Token)).Value;
        Assert.Equal(("0123456789abcdef", end, ""), (token.Spec.Name, token.Spec.ExpirationTime, token.Metadata.Owner));
    }

    [Theory]
    [InlineData("", "token name cannot be empty")]
    [InlineData("0123456789abcdefg", "token name cannot be longer than 16 symbols")]
    [InlineData("žžžžžžžžž", "token name cannot be longer than 16 symbols")]
    [InlineData("a\tb", "failed to validate: 1 error occurred:\n\t* the join token name must not contain control characters\n\n")]
    public async Task A_bad_name_is_refused(string name, string why)
    {
        await using var server = await RunningServer.Start();

        var status = await RunningServer.StatusOf(() => new Client(server.SocketChannel()).CreateJoinTokenAsync(new CreateJoinTokenRequest { Name = name }).ResponseAsync);

        Assert.Equal((StatusCode.InvalidArgument, why), (status.StatusCode, status.Detail));
    }

    [Fact]
    public async Task The_join_configuration_has_the_default_token_and_our_own_CA_before_it()
    {
        await using var server = await RunningServer.Start(Advertise("https://fleet.example.org"));
        var client = new Client(server.SocketChannel());
        var token = (await server.State.Get(Kinds.DefaultJoinTokens, "default", Deadline.Token)).Value.Spec.TokenId;

        var answer = await client.GetMachineJoinConfigAsync(new GetMachineJoinConfigRequest());
        var given = await client.GetMachineJoinConfigAsync(
            new GetMachineJoinConfigRequest { JoinToken = "a b", UseGrpcTunnel = true }, new Grpc.Core.Metadata { { LocalDoor.WithoutCaHeader, "true" } });

        Assert.StartsWith("talos.config.early=", answer.KernelArgs[0], StringComparison.Ordinal);
        Assert.Equal($"siderolink.api=https://fleet.example.org?jointoken={token}", answer.KernelArgs[1]);
        Assert.StartsWith(TrustedRoots.Head, answer.Config, StringComparison.Ordinal);
        Assert.Contains("    " + server.Ca.ExportCertificatePem().Split('\n')[1] + "\n", answer.Config, StringComparison.Ordinal);
        Assert.Equal(
            ["siderolink.api=https://fleet.example.org?grpc_tunnel=true&jointoken=a+b", "talos.events.sink=[fdae:41e4:649b:9303::1]:8090", "talos.logging.kernel=tcp://[fdae:41e4:649b:9303::1]:8092"],
            given.KernelArgs);
        Assert.StartsWith("apiVersion: v1alpha1\nkind: SideroLinkConfig\n", given.Config, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("grpc://10.0.0.1:8090")]
    [InlineData("10.0.0.1:8090")]
    public async Task Machines_that_register_without_TLS_get_no_CA(string url)
    {
        await using var server = await RunningServer.Start(Advertise(url));

        var answer = await new Client(server.SocketChannel()).GetMachineJoinConfigAsync(new GetMachineJoinConfigRequest { JoinToken = "t" });

        Assert.Equal($"siderolink.api={url}?jointoken=t", answer.KernelArgs[0]);
    }

    [Fact]
    public async Task A_token_that_can_not_be_read_makes_no_join_configuration()
    {
        await using var server = await RunningServer.Start();

        var status = await RunningServer.StatusOf(() => new Client(server.SocketChannel()).GetMachineJoinConfigAsync(new GetMachineJoinConfigRequest { JoinToken = "v1:zzz" }).ResponseAsync);

        Assert.Equal((StatusCode.InvalidArgument, "invalid join token: what follows its prefix isn't padded standard base64"), (status.StatusCode, status.Detail));
    }

    [Fact]
    public async Task The_unique_token_of_a_known_machine_is_forgotten()
    {
        await using var server = await RunningServer.Start();
        var client = new Client(server.SocketChannel());
        await server.State.Create(Kinds.MachineStatuses.New("m1"), cancellation: Deadline.Token);
        await server.State.Create(Kinds.NodeUniqueTokens.New("m1", new NodeUniqueTokenSpec { Token = "{}" }), "Somebody", Deadline.Token);

        var unknown = await RunningServer.StatusOf(() => client.ResetNodeUniqueTokenAsync(new ResetNodeUniqueTokenRequest { Id = "m2" }).ResponseAsync);
        await client.ResetNodeUniqueTokenAsync(new ResetNodeUniqueTokenRequest { Id = "m1" });
        var again = await RunningServer.StatusOf(() => client.ResetNodeUniqueTokenAsync(new ResetNodeUniqueTokenRequest { Id = "m1" }).ResponseAsync);

        Assert.Equal((StatusCode.NotFound, "machine not found"), (unknown.StatusCode, unknown.Detail));
        Assert.Empty(await server.State.List(Kinds.NodeUniqueTokens, cancellation: Deadline.Token));
        Assert.Equal((StatusCode.Unknown, "resource NodeUniqueTokens.omni.sidero.dev(default/m1@undefined) doesn't exist"), (again.StatusCode, again.Detail));
    }

    [Fact]
    public async Task The_default_token_can_not_be_removed_and_another_can()
    {
        await using var server = await RunningServer.Start();
        var state = server.Socket();
        var first = (await server.State.Get(Kinds.DefaultJoinTokens, "default", Deadline.Token)).Value.Spec.TokenId;
        var second = (await new Client(server.SocketChannel()).CreateJoinTokenAsync(new CreateJoinTokenRequest { Name = "second" })).Id;

        var kept = await RunningServer.StatusOf(() => Remove(first));
        var gone = await RunningServer.StatusOf(() => Remove(second));

        Assert.Equal(
            (StatusCode.InvalidArgument, "failed to validate: 1 error occurred:\n\t* deleting default join token is not possible\n\n"), (kept.StatusCode, kept.Detail));
        Assert.Equal(StatusCode.OK, gone.StatusCode);

        Task Remove(string id) => state.TeardownAndDestroyAsync(
            new Fleethold.Resources.Wire.TeardownAndDestroyRequest { Namespace = "default", Type = Kinds.JoinTokens.Type, Id = id }).ResponseAsync;
    }

    [Fact]
    public async Task Every_other_method_says_that_it_is_not_there()
    {
        await using var server = await RunningServer.Start();
        var calls = server.SocketChannel().CreateCallInvoker();
        string[] there = ["CreateJoinToken", "GetMachineJoinConfig", "ResetNodeUniqueToken", "MachineLogs"];

        foreach (var method in Fleethold.Resources.Wire.Management.ManagementService.Descriptor.Methods.Where(method => !there.Contains(method.Name)))
        {
            var status = await Status(calls, method.Name, method.IsServerStreaming);

            Assert.Equal(StatusCode.Unimplemented, status.StatusCode);
            Assert.StartsWith($"{method.Name} is not implemented yet: ", status.Detail, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Only_the_Unix_socket_serves_the_management_API()
    {
        await using var server = await RunningServer.Start();
        var (anybody, reader) = (server.TlsChannel().CreateCallInvoker(), server.ReaderChannel().CreateCallInvoker());

        foreach (var method in Fleethold.Resources.Wire.Management.ManagementService.Descriptor.Methods)
        {
            Assert.Equal(StatusCode.Unauthenticated, (await Status(anybody, method.Name, method.IsServerStreaming)).StatusCode);
            Assert.Equal((StatusCode.Unimplemented, "not served here"), Parts(await Status(reader, method.Name, method.IsServerStreaming)));
        }

        static (StatusCode, string) Parts(Status status) => (status.StatusCode, status.Detail);
    }

    private static Func<ServerConfiguration, ServerConfiguration> Advertise(string url) => configuration => configuration with
    {
        SideroLink = SideroLinkSettings.Off with { MachineApi = new MachineApiSettings(null, new TlsSettings.None(), url) },
    };

    private static Task<Status> Status(CallInvoker calls, string name, bool streams)
    {
        var bytes = Marshallers.Create(static (byte[] message) => message, static bytes => bytes);
        var method = new Method<byte[], byte[]>(streams ? MethodType.ServerStreaming : MethodType.Unary, "management.ManagementService", name, bytes, bytes);
        return RunningServer.StatusOf(async () =>
        {
            if (streams)
            {
                using var call = calls.AsyncServerStreamingCall(method, null, new CallOptions(cancellationToken: Deadline.Token), []);
                await call.ResponseStream.MoveNext(Deadline.Token);
            }
            else
            {
                await calls.AsyncUnaryCall(method, null, new CallOptions(cancellationToken: Deadline.Token), []);
            }
        });
    }
}
