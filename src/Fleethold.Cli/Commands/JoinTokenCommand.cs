using System.CommandLine;
using System.Globalization;
using Fleethold.Cli.Connection;
using Fleethold.Cli.Output;
using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Fleethold.Resources.Wire;
using Fleethold.Resources.Wire.Management;
using Timestamp = Google.Protobuf.WellKnownTypes.Timestamp;

namespace Fleethold.Cli.Commands;

/// <summary>
/// <c>fhctl jointoken</c>: makes, lists and changes the tokens that machines join with, in the words of omnictl (reference/management-proto.md 3.2).
/// </summary>
internal sealed class JoinTokenCommand(ServerOptions servers, Terminal terminal, TimeProvider clock)
{
    private const string DefaultId = "default";

    private readonly Argument<string> _name = new("NAME") { Description = "Name of the token, for people: at most 16 bytes" };
    private readonly Argument<string> _id = new("ID") { Description = "The token" };
    private readonly Option<bool> _force = new("--force", "-f") { Description = "Don't ask, even if machines would lose their way to join" };

    private readonly Option<string> _ttl = new("--ttl", "-t")
    {
        Description = "How long machines may join with it, like 24h; 0 for ever",
        HelpName = "TIME",
        DefaultValueFactory = _ => "0",
    };

    private readonly Option<string> _newTtl = new("--ttl", "-t") { Description = "How long from now machines may join with it, like 24h", HelpName = "TIME", Required = true };

    /// <summary>The command for the parser.</summary>
    public Command Build()
    {
        var command = new Command("jointoken", "Manage the tokens that machines join with")
        {
            Sub("create", "Make a token and print it", Create, _name, _ttl),
            Sub("list", "List the tokens", List),
            Sub("revoke", "Let no machine join with a token any more", (line, server, stop) => Revoke(line, server, true, stop), _id, _force),
            Sub("unrevoke", "Let machines join with a revoked token again", (line, server, stop) => Revoke(line, server, false, stop), _id),
            Sub("renew", "Give a token a new end", Renew, _id, _newTtl),
            Sub("make-default", "Make a token the one that is used where none is named", MakeDefault, _id),
            Sub("delete", "Remove a token", Delete, _id, _force),
        };
        command.Aliases.Add("jt");
        return command;
    }

    private Command Sub(string name, string description, Func<ParseResult, Server, CancellationToken, Task> run, params Symbol[] symbols)
    {
        var command = new Command(name, description);
        foreach (var symbol in symbols)
        {
            if (symbol is Argument argument)
            {
                command.Arguments.Add(argument);
            }
            else
            {
                command.Options.Add((Option)symbol);
            }
        }

        command.SetAction(async (line, cancellation) =>
        {
            await using var server = await servers.Connect(line, cancellation);
            await run(line, server, cancellation);
            return 0;
        });
        return command;
    }

    private async Task Create(ParseResult line, Server server, CancellationToken cancellation)
    {
        var ttl = TimeToLive.Parse(line.GetRequiredValue(_ttl));
        var request = new CreateJoinTokenRequest { Name = line.GetRequiredValue(_name), ExpirationTime = ttl == TimeSpan.Zero ? null : After(ttl) };
        await terminal.Out.WriteLineAsync(await server.CreateJoinToken(request, cancellation));
    }

    private async Task List(ParseResult line, Server server, CancellationToken cancellation)
    {
        var statuses = new Dictionary<string, JoinTokenStatusSpec>(StringComparer.Ordinal);
        await foreach (var status in server.List(Kinds.JoinTokenStatuses.Ref, new ListOptions(), cancellation))
        {
            statuses[status.Metadata.Id] = JoinTokenStatusSpec.Parser.ParseFrom(status.Spec.ProtoSpec);
        }

        var chosen = await server.Find(Kinds.DefaultJoinTokens.Named(DefaultId), cancellation) is { } present
            ? DefaultJoinTokenSpec.Parser.ParseFrom(present.Spec.ProtoSpec).TokenId
            : "";
        var table = new TabTable();
        table.Add("ID", "NAME", "STATE", "EXPIRATION", "USE COUNT", "DEFAULT");
        await foreach (var token in server.List(Kinds.JoinTokens.Ref, new ListOptions(), cancellation))
        {
            var (id, spec) = (token.Metadata.Id, JoinTokenSpec.Parser.ParseFrom(token.Spec.ProtoSpec));
            var uses = statuses.TryGetValue(id, out var status) ? status.UseCount : 0;
            table.Add(id, spec.Name, StateOf(spec), Expiration(spec.ExpirationTime), uses.ToString(CultureInfo.InvariantCulture), id == chosen ? "*" : "");
        }

        await terminal.Out.WriteAsync(table.TakeText());
    }

    private async Task Revoke(ParseResult line, Server server, bool revoked, CancellationToken cancellation)
    {
        var id = line.GetRequiredValue(_id);
        if (revoked && !await MayGoOn(line, server, id, cancellation))
        {
            return;
        }

        await server.Change(Kinds.JoinTokens.Named(id), JoinTokenSpec.Parser, spec => spec.Revoked = revoked, cancellation);
        await terminal.Out.WriteLineAsync($"token \"{id}\" was {(revoked ? "revoked" : "unrevoked")}");
    }

    private async Task Renew(ParseResult line, Server server, CancellationToken cancellation)
    {
        var id = line.GetRequiredValue(_id);
        var ttl = TimeToLive.Parse(line.GetRequiredValue(_newTtl));
        await server.Change(Kinds.JoinTokens.Named(id), JoinTokenSpec.Parser, spec => spec.ExpirationTime = After(ttl), cancellation);
        await terminal.Out.WriteLineAsync($"token \"{id}\" was renewed, new ttl is {TimeToLive.Format(ttl)}");
    }

    private async Task MakeDefault(ParseResult line, Server server, CancellationToken cancellation)
    {
        var id = line.GetRequiredValue(_id);
        await server.Change(Kinds.DefaultJoinTokens.Named(DefaultId), DefaultJoinTokenSpec.Parser, spec => spec.TokenId = id, cancellation);
        await terminal.Out.WriteLineAsync($"token \"{id}\" is now default");
    }

    private async Task Delete(ParseResult line, Server server, CancellationToken cancellation)
    {
        var id = line.GetRequiredValue(_id);
        if (!await MayGoOn(line, server, id, cancellation))
        {
            return;
        }

        try
        {
            await server.TeardownAndDestroy(Kinds.JoinTokens.Named(id), cancellation);
        }
        catch (Grpc.Core.RpcException failure) when (failure.StatusCode != Grpc.Core.StatusCode.Cancelled)
        {
            throw new CommandFailure($"failed to delete a join token: {RpcText.Of(failure)}");
        }

        await terminal.Out.WriteLineAsync($"token \"{id}\" was deleted");
    }

    /// <summary>Machines without a token of their own couldn't come back: the person is shown them, and asked.</summary>
    private async Task<bool> MayGoOn(ParseResult line, Server server, string id, CancellationToken cancellation)
    {
        if (line.GetValue(_force) || await server.Find(Kinds.JoinTokenStatuses.Named(id), cancellation) is not { } found
            || JoinTokenStatusSpec.Parser.ParseFrom(found.Spec.ProtoSpec) is not { Warnings.Count: > 0 } status)
        {
            return true;
        }

        var table = new TabTable();
        table.Add("MACHINE", "DETAILS");
        foreach (var warning in status.Warnings)
        {
            table.Add(warning.Machine, warning.Message);
        }

        await terminal.Error.WriteAsync($"These machines may not be able to connect again:\n{table.TakeText()}Continue? [y/N] ");
        return await terminal.In.ReadLineAsync(cancellation) is { } answer && answer.Trim().ToUpperInvariant() is "Y" or "YES"
            ? true
            : throw new CommandFailure("not confirmed: nothing was changed; --force doesn't ask");
    }

    private string StateOf(JoinTokenSpec token) =>
        token.Revoked ? "REVOKED" : token.ExpirationTime is { } end && clock.GetUtcNow() > end.ToDateTimeOffset() ? "EXPIRED" : "ACTIVE";

    private Timestamp After(TimeSpan ttl) => Timestamp.FromDateTimeOffset(clock.GetUtcNow() + ttl);

    private static string Expiration(Timestamp? end)
    {
        if (end is null)
        {
            return "never";
        }

        var fraction = end.Nanos.ToString("D9", CultureInfo.InvariantCulture).TrimEnd('0');
        return string.Create(
            CultureInfo.InvariantCulture, $"{DateTimeOffset.FromUnixTimeSeconds(end.Seconds):yyyy-MM-dd HH:mm:ss}{(fraction.Length > 0 ? "." : "")}{fraction} +0000 UTC");
    }
}
