using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Fleethold.Runtime;
using Fleethold.Testing;

namespace Fleethold.Cli.Tests.EndToEnd;

/// <summary>fhctl makes machines join: tokens and what is given to machines.</summary>
public class JoinTests
{
    [Fact]
    public async Task Tokens_are_made_listed_changed_and_removed_in_the_words_of_omnictl()
    {
        await using var server = await RealServer.Start();
        var first = await Default(server);

        var (exit, created, error) = await server.Run(["jointoken", "create", "second", "--ttl", "24h"]);
        var second = created.TrimEnd('\n');
        Assert.Equal((0, ""), (exit, error));
        Assert.Equal("second", (await server.State.Get(Kinds.JoinTokens, second, Deadline.Token)).Value.Spec.Name);

        var rows = await Rows(server);
        Assert.Equal(3, rows.Length);
        Assert.Matches("^ID +NAME +STATE +EXPIRATION +USE COUNT +DEFAULT$", rows[0]);
        Assert.Contains(rows, row => System.Text.RegularExpressions.Regex.IsMatch(row, $"^{first} +initial token +ACTIVE +never +0 +\\*$"));
        Assert.Contains(rows, row => System.Text.RegularExpressions.Regex.IsMatch(row, $"^{second} +second +ACTIVE +\\d{{4}}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d(\\.\\d+)? \\+0000 UTC +0 +$"));

        Assert.Equal((0, $"token \"{second}\" was revoked\n", ""), await server.Run(["jt", "revoke", second]));
        Assert.Contains(await Rows(server), row => row.StartsWith(second, StringComparison.Ordinal) && row.Contains("REVOKED", StringComparison.Ordinal));
        Assert.Equal((0, $"token \"{second}\" was unrevoked\n", ""), await server.Run(["jointoken", "unrevoke", second]));
        Assert.Equal((0, $"token \"{second}\" was renewed, new ttl is 48h0m0s\n", ""), await server.Run(["jointoken", "renew", second, "--ttl", "48h"]));
        Assert.Equal((0, $"token \"{second}\" is now default\n", ""), await server.Run(["jointoken", "make-default", second]));
        Assert.Equal(
            (1, "", "Error: failed to delete a join token: rpc error: code = InvalidArgument desc = failed to validate: 1 error occurred:\n\t* deleting default join token is not possible\n\n\n"),
            await server.Run(["jointoken", "delete", second]));
        Assert.Equal((0, $"token \"{first}\" was deleted\n", ""), await server.Run(["jointoken", "delete", first]));

        var left = Assert.Single(await server.State.List(Kinds.JoinTokens, cancellation: Deadline.Token));
        Assert.Equal((second, false), (left.Metadata.Id, left.Spec.Revoked));
        Assert.InRange(left.Spec.ExpirationTime.ToDateTimeOffset(), DateTimeOffset.UnixEpoch, TimeProvider.System.GetUtcNow() + TimeSpan.FromHours(48));
        Assert.Equal(second, await Default(server));
    }

    [Fact]
    public async Task What_is_wrong_with_a_token_is_told()
    {
        await using var server = await RealServer.Start();

        Assert.Equal(
            (1, "", "Error: rpc error: code = InvalidArgument desc = token name cannot be longer than 16 symbols\n"), await server.Run(["jointoken", "create", "much longer than 16"]));
        Assert.Equal(
            (1, "", "Error: rpc error: code = InvalidArgument desc = failed to validate: 1 error occurred:\n\t* no token with id \"nope\" exists\n\n\n"),
            await server.Run(["jointoken", "make-default", "nope"]));
        Assert.Equal(1, (await server.Run(["jointoken", "revoke", "nope"])).Exit);
        Assert.Contains("--ttl", (await server.Run(["jointoken", "renew", "nope"])).Error, StringComparison.Ordinal);
        Assert.Contains("24h", (await server.Run(["jointoken", "create", "a", "--ttl", "soon"])).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Before_machines_lose_their_way_to_join_the_person_is_asked()
    {
        await using var server = await RealServer.Start();
        var token = await Default(server);
        await server.State.Create(Kinds.JoinTokenUsages.New("m1", new JoinTokenUsageSpec { TokenId = token }), cancellation: Deadline.Token);
        await UntilWarned(server, token);

        var refused = await server.Run(["jointoken", "revoke", token], input: "n\n");
        var silent = await server.Run(["jointoken", "revoke", token]);
        Assert.False((await server.State.Get(Kinds.JoinTokens, token, Deadline.Token)).Value.Spec.Revoked);
        var agreed = await server.Run(["jointoken", "revoke", token], input: "y\n");
        var forced = await server.Run(["jointoken", "revoke", token, "--force"]);

        Assert.Equal((1, 1, 0, 0), (refused.Exit, silent.Exit, agreed.Exit, forced.Exit));
        Assert.Contains("MACHINE   DETAILS\nm1        The machine node unique token status is not determined\n", refused.Error, StringComparison.Ordinal);
        Assert.Equal($"token \"{token}\" was revoked\n", agreed.Out);
        Assert.Contains(await Rows(server), row => System.Text.RegularExpressions.Regex.IsMatch(row, " REVOKED +never +1 +\\*$"));
    }

    [Fact]
    public async Task The_join_configuration_is_printed_as_documents_and_as_arguments()
    {
        await using var server = await RealServer.Start();
        var token = await Default(server);

        var documents = await server.Run(["join-config", "--no-ca"]);
        var arguments = await server.Run(["join-config", "--kernel-args", "--no-ca", "--token", "a b", "--grpc-tunnel"]);
        var withCa = await server.Run(["join-config"]);
        var argumentsWithCa = await server.Run(["join-config", "--kernel-args"]);

        Assert.Equal(
            (0, $"apiVersion: v1alpha1\nkind: SideroLinkConfig\napiUrl: https://localhost?jointoken={token}\n---\napiVersion: v1alpha1\nkind: EventSinkConfig\nendpoint: '[fdae:41e4:649b:9303::1]:8090'\n---\n"
                + "apiVersion: v1alpha1\nkind: KmsgLogConfig\nname: omni-kmsg\nurl: tcp://[fdae:41e4:649b:9303::1]:8092\n", ""),
            documents);
        Assert.Equal(
            (0, "siderolink.api=https://localhost?grpc_tunnel=true&jointoken=a+b talos.events.sink=[fdae:41e4:649b:9303::1]:8090 talos.logging.kernel=tcp://[fdae:41e4:649b:9303::1]:8092\n", ""),
            arguments);
        Assert.Equal(0, withCa.Exit);
        Assert.StartsWith("apiVersion: v1alpha1\nkind: TrustedRootsConfig\n", withCa.Out, StringComparison.Ordinal);
        Assert.EndsWith("---\n" + documents.Out, withCa.Out, StringComparison.Ordinal);
        Assert.Equal((0, ""), (argumentsWithCa.Exit, argumentsWithCa.Error));
        Assert.StartsWith("talos.config.early=", argumentsWithCa.Out, StringComparison.Ordinal);
        Assert.Equal((1, "", "Error: --kernel-args and --config exclude each other\n"), await server.Run(["join-config", "--kernel-args", "--config"]));
    }

    private static async Task UntilWarned(RealServer server, string token)
    {
        using var watch = server.State.Watch(Kinds.JoinTokenStatuses.Named(token), WatchOptions.FromNow).Value;
        await foreach (var change in watch.ReadAll(Deadline.Token))
        {
            if (change.Resource is Resource<JoinTokenStatusSpec> { Spec.Warnings.Count: > 0 })
            {
                return;
            }
        }
    }

    private static async Task<string> Default(RealServer server) => (await server.State.Get(Kinds.DefaultJoinTokens, "default", Deadline.Token)).Value.Spec.TokenId;

    private static async Task<string[]> Rows(RealServer server) => (await server.Run(["jointoken", "list"])).Out.TrimEnd('\n').Split('\n');
}
