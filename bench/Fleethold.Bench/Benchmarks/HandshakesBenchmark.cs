using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Fleethold.Bench.Load;
using Fleethold.Bench.Measuring;
using Fleethold.SideroLink.Engine;
using Fleethold.SideroLink.Wire;

namespace Fleethold.Bench.Benchmarks;

/// <summary>
/// WireGuard handshakes answered per second on one core, by the responder alone: the initiations of thousands of known peers are made before.
/// Beside it a quarter of what <c>openssl speed ecdhx25519</c> reaches on the same core, since an answer needs four scalar multiplications.
/// Both count CPU time, as openssl speed does, so that other work on the machine doesn't change the ratio much.
/// </summary>
internal sealed class HandshakesBenchmark : IBenchmark
{
    private const int Processor = 0;

    /// <inheritdoc/>
    public string Name => "handshakes";

    /// <inheritdoc/>
    public async Task<Figure> Run(Report report, Scale scale, CancellationToken cancellation)
    {
        var peers = scale is Scale.Quick ? 2_000 : 10_000;
        var rounds = scale is Scale.Quick ? 1 : 5;
        var serverKey = RandomNumberGenerator.GetBytes(32);
        var machineKeys = Enumerable.Range(0, peers).Select(_ => RandomNumberGenerator.GetBytes(32)).ToArray();
        using var server = new WireGuardCore(new CoreOptions(), TimeProvider.System);
        var identity = server.AddIdentity(serverKey, Address(1), InputFilter.OwnAddressOnly);

        // The first round computes what is kept for each peer; it isn't counted.
        var ours = new List<double>();
        var openssl = new List<double>();
        for (var round = 0; round <= rounds; round++)
        {
            report.Note($"{peers} initiations are made");
            var initiations = Initiations(machineKeys, identity, round == 0);
            var rate = await OnOneCore(() => Answer(server, initiations));
            if (round > 0)
            {
                ours.Add(rate);
                openssl.Add(await OpenSsl(scale is Scale.Quick ? 1 : 3, cancellation));
            }
        }

        var unknown = Initiations([.. Enumerable.Range(0, peers).Select(_ => RandomNumberGenerator.GetBytes(32))], identity, false);
        report.Add("initiations of strangers refused", await OnOneCore(() => Answer(server, unknown, expected: 0)), "1/s");
        return report.Add(
            "answered on one core", Statistics.Median(ours), "1/s", $"a quarter of openssl speed ecdhx25519", Statistics.Median(openssl) / 4);
    }

    // Every machine starts one handshake with the server; a new core each time, as a machine may not start two within 5 s.
    private static List<byte[]> Initiations(byte[][] machineKeys, Identity server, bool add)
    {
        using var machines = new WireGuardCore(new CoreOptions(), TimeProvider.System);
        var made = new List<byte[]>(machineKeys.Length);
        var output = new DatagramList(datagram => made.Add(datagram.ToArray()));
        var serverAt = PeerEndpoint.Udp(IPAddress.Loopback, 51820);
        for (var i = 0; i < machineKeys.Length; i++)
        {
            var machine = machines.AddIdentity(machineKeys[i], Address(i + 2), InputFilter.None);
            if (add)
            {
                server.Set(machine.PublicKey, Address(i + 2), PeerEndpoint.None, 0);
            }

            machines.Initiate(machine.Set(server.PublicKey, Address(1), serverAt, 0) ?? throw new InvalidOperationException("the server is no peer"), output);
        }

        return made.Count == machineKeys.Length
            ? made
            : throw new InvalidOperationException($"{made.Count} of {machineKeys.Length} machines started a handshake");
    }

    private static double Answer(WireGuardCore server, List<byte[]> initiations, int? expected = null)
    {
        var answers = 0;
        var output = new DatagramList(_ => answers++);
        var start = Core.ThreadTime();
        for (var i = 0; i < initiations.Count; i++)
        {
            server.ReceiveHandshake(initiations[i], PeerEndpoint.Udp(IPAddress.Loopback, 1024 + i % 60_000), output);
        }

        var seconds = (Core.ThreadTime() - start).TotalSeconds;
        return answers == (expected ?? initiations.Count)
            ? initiations.Count / seconds
            : throw new InvalidOperationException($"{answers} of {initiations.Count} initiations were answered");
    }

    private static Task<double> OnOneCore(Func<double> measure)
    {
        var done = new TaskCompletionSource<double>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                Core.Pin(Processor);
                done.SetResult(measure());
            }
            catch (Exception failure)
            {
                done.SetException(failure);
            }
        }).Start();
        return done.Task;
    }

    private static async Task<double> OpenSsl(int seconds, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo("taskset") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["-c", $"{Processor}", "openssl", "speed", "-mr", "-seconds", $"{seconds}", "ecdhx25519"])
        {
            start.ArgumentList.Add(argument);
        }

        using var openssl = Process.Start(start) ?? throw new InvalidOperationException("openssl doesn't start");
        _ = openssl.StandardError.ReadToEndAsync(cancellation);
        var output = await openssl.StandardOutput.ReadToEndAsync(cancellation);
        await openssl.WaitForExitAsync(cancellation);

        // As in "+F5:21:253:31711.000000:0.0000": number, bits, operations per second, seconds per operation.
        var line = output.Split('\n').LastOrDefault(line => line.StartsWith("+F5:", StringComparison.Ordinal))
            ?? throw new InvalidOperationException($"openssl speed says: {output}");
        return double.Parse(line.Split(':')[3], CultureInfo.InvariantCulture);
    }

    private static UInt128 Address(int machine)
    {
        Span<byte> bytes = stackalloc byte[16];
        TunnelAddresses.Server.TryWriteBytes(bytes, out _);
        return BinaryPrimitives.ReadUInt128BigEndian(bytes) + (uint)(machine - 1);
    }
}
