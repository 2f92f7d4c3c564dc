using System.CommandLine;
using System.Net;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Fleethold.SideroLink;
using Fleethold.Simulator.Apid;
using Fleethold.Simulator.Fleets;
using Fleethold.Simulator.Provisioning;
using Fleethold.Simulator.Tunnels;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fleethold.Simulator.Commands;

/// <summary>The command line of <c>fleethold-sim</c>.</summary>
internal static class SimulatorCommand
{
    private const string Description = """
        Plays machines that run Talos Linux: they join a server over real WireGuard, send events and logs, and answer the maintenance API.

        It makes a network device and takes the machines' network for itself, so it needs root and, on the host of a server, a network namespace
        of its own (see docs/operations/simulator.md).
        """;

    /// <summary>Makes it.</summary>
    /// <param name="output">Progress and the report.</param>
    /// <param name="errors">What went wrong.</param>
    /// <param name="clock">The clock of the machines.</param>
    public static RootCommand Make(TextWriter output, TextWriter errors, TimeProvider clock)
    {
        var kernelArgs = new Option<string?>("--kernel-args") { Description = "The kernel arguments of the machines, as `fhctl join-config` prints them" };
        var api = new Option<string?>("--api") { Description = "The provisioning API instead: https://host:port or grpc://host:port" };
        var token = new Option<string?>("--token") { Description = "The join token, with --api" };
        var tunnel = new Option<bool>("--grpc-tunnel") { Description = "Ask for WireGuard over gRPC" };
        var machines = new Option<int>("--machines") { Description = "How many machines", DefaultValueFactory = _ => 1 };
        var version = new Option<string>("--talos-version") { Description = "The version they report; empty for one too old to say", DefaultValueFactory = _ => "v1.13.8" };
        var seed = new Option<int>("--seed") { Description = "Makes UUIDs and hardware addresses: the same seed is the same machines", DefaultValueFactory = _ => 1 };
        var ramp = new Option<int>("--ramp") { Description = "How many boot at the same time", DefaultValueFactory = _ => 64 };
        var memory = new Option<bool>("--not-installed") { Description = "Talos runs from memory, so META is lost at a reboot" };
        var ca = new Option<FileInfo?>("--ca") { Description = "PEM file with the roots that the API's certificate must chain to" };
        var insecure = new Option<bool>("--insecure-skip-tls-verify") { Description = "Accept any certificate of the API" };
        var joinOnly = new Option<bool>("--exit-when-joined") { Description = "Stop once all machines have joined" };
        var oneUuid = new Option<bool>("--same-uuid") { Description = "All machines have the same system UUID, as clones and some vendors' boards do" };
        var control = new Option<bool>("--interactive") { Description = "Read commands from standard input; any other line tells which there are" };
        var limit = new Option<int>("--timeout") { Description = "With --exit-when-joined: fail after so many seconds", DefaultValueFactory = _ => 300 };
        var command = new RootCommand(Description) { kernelArgs, api, token, tunnel, machines, version, seed, ramp, memory, ca, insecure, joinOnly, limit, oneUuid, control };
        command.SetAction(async (parsed, cancellation) =>
        {
            if (!TryReadJoin(parsed.GetValue(kernelArgs), parsed.GetValue(api), parsed.GetValue(token), parsed.GetValue(tunnel), out var join, out var problem)
                || !TryReadTrust(parsed.GetValue(ca), parsed.GetValue(insecure), out var trust, out problem)
                || !InRange("--machines", parsed.GetValue(machines), 1, 20_000, out problem)
                || !InRange("--ramp", parsed.GetValue(ramp), 1, 20_000, out problem)
                || !InRange("--timeout", parsed.GetValue(limit), 1, 86_400, out problem))
            {
                await errors.WriteLineAsync($"fleethold-sim: {problem}");
                return 2;
            }

            var options = new FleetOptions
            {
                Join = join!,
                Trust = trust!,
                Machines = parsed.GetValue(machines),
                Seed = parsed.GetValue(seed),
                TalosVersion = parsed.GetValue(version) is { Length: > 0 } tag ? tag : null,
                AreInstalled = !parsed.GetValue(memory),
                Ramp = parsed.GetValue(ramp),
                HaveOneUuid = parsed.GetValue(oneUuid),
            };
            return await Run(
                options,
                fleet => parsed.GetValue(control)
                    ? new FleetConsole(fleet, Console.In, output, clock).Run(cancellation)
                    : new Progress(fleet, output, clock).Run(parsed.GetValue(joinOnly) ? TimeSpan.FromSeconds(parsed.GetValue(limit)) : null, cancellation),
                errors,
                clock);
        });
        return command;
    }

    private static async Task<int> Run(FleetOptions options, Func<Fleet, Task<int>> use, TextWriter errors, TimeProvider clock)
    {
        if (geteuid() != 0)
        {
            await errors.WriteLineAsync("fleethold-sim: it makes a network device, so it needs root: run it with sudo, on the host of a server also in a network namespace of its own");
            return 2;
        }

        WireGuardDevice device;
        try
        {
            device = WireGuardDevice.Open(options.Seed, clock, NullLogger.Instance);
        }
        catch (TunnelUnavailableException unavailable)
        {
            await errors.WriteLineAsync($"fleethold-sim: {unavailable.Message}");
            return 2;
        }

        var directory = new MachineDirectory();
        await using var apid = await ApidListener.Start(directory, new IPEndPoint(IPAddress.IPv6Any, ApidListener.Port), clock);
        await using var fleet = new Fleet(options, device, directory, clock);
        return await use(fleet);
    }

    private static bool TryReadJoin(string? kernelArgs, string? api, string? token, bool tunnel, out JoinParameters? join, out string? problem)
    {
        join = null;
        if (kernelArgs is not null == api is not null)
        {
            problem = "give either --kernel-args \"...\" or --api URL --token TOKEN";
            return false;
        }

        var done = kernelArgs is not null
            ? JoinParameters.TryParse(kernelArgs, out join, out problem)
            : JoinParameters.TryParseApi(api!, JoinParameters.DefaultEvents, JoinParameters.DefaultLogs, out join, out problem);
        join = join is null ? null : join with { Token = token ?? join.Token, WantsGrpcTunnel = tunnel || join.WantsGrpcTunnel };
        return done;
    }

    private static bool TryReadTrust(FileInfo? ca, bool acceptsAny, out ServerTrust? trust, out string? problem)
    {
        (trust, problem) = (new ServerTrust(AcceptsAny: acceptsAny), null);
        if (ca is null)
        {
            return true;
        }

        try
        {
            var roots = new X509Certificate2Collection();
            roots.ImportFromPemFile(ca.FullName);
            trust = new ServerTrust(roots, acceptsAny);
            problem = roots.Count == 0 ? $"--ca: {ca} holds no certificate in PEM form" : null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CryptographicException)
        {
            problem = $"--ca: {ca} can't be read: {failure.Message}";
        }

        return problem is null;
    }

    private static bool InRange(string name, int value, int least, int most, out string? problem)
    {
        problem = value < least || value > most ? $"{name} must be {least} to {most}; it is {value}" : null;
        return problem is null;
    }

    [DllImport("libc", ExactSpelling = true)]
    private static extern uint geteuid();
}
