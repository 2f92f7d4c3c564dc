using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Fleethold.Resources.Wire;
using Fleethold.Talos.Wire;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;

namespace Fleethold.Talos;

/// <summary>
/// <see cref="IMaintenanceApi"/> over the tunnel: TLS 1.3 with any certificate, as nobody has issued one yet (reference/talos-api.md 1.2); one
/// connection per call, closed after it; 10 s for each call with its connection (reference/talos-api.md 1.5).
/// </summary>
/// <param name="connect">Opens a TCP connection; null for the system's way. Out of a network namespace or a simulated network it is another one.</param>
/// <param name="port">The port of the machine's API.</param>
/// <param name="limit">The longest that a call may take; null for <see cref="Limit"/>.</param>
public sealed class MaintenanceApi(
    Func<IPEndPoint, CancellationToken, ValueTask<Stream>>? connect = null, int port = MaintenanceApi.DefaultPort, TimeSpan? limit = null) : IMaintenanceApi
{
    /// <summary>The port of the API of every machine (reference/talos-api.md 1.1).</summary>
    public const int DefaultPort = 50000;

    /// <summary>The longest that a call may take unless another limit is given.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private const string LinkType = "LinkStatuses.net.talos.dev";
    private const string NetworkNamespace = "network";

    // More than any machine has; a stranger's list must end.
    private const int MostLinks = 4096;

    /// <inheritdoc/>
    public Task<bool> IsInstalled(IPAddress machine, CancellationToken cancellation) => Call(machine, cancellation, async (channel, options) =>
    {
        var answer = await new StorageService.StorageServiceClient(channel).DisksAsync(new Empty(), options);
        ThrowOnError(answer.Messages.Select(message => message.Metadata));
        return answer.Messages.Any(message => message.Disks_.Any(disk => disk.SystemDisk));
    });

    /// <inheritdoc/>
    public Task<IReadOnlyList<byte[]>> PhysicalAddresses(IPAddress machine, CancellationToken cancellation) => Call(machine, cancellation, async (channel, options) =>
    {
        var request = new ListRequest { Namespace = NetworkNamespace, Type = LinkType, Options = new ListOptions() };
        using var call = new State.StateClient(channel).List(request, options);
        var addresses = new List<byte[]>();
        var links = 0;
        while (await call.ResponseStream.MoveNext(options.CancellationToken))
        {
            if (++links > MostLinks)
            {
                throw new RpcException(new Status(StatusCode.ResourceExhausted, FormattableString.Invariant($"the machine {machine} lists more than {MostLinks} network links")));
            }

            if (AddressOf(call.ResponseStream.Current.Resource, machine) is { Length: > 0 } address)
            {
                addresses.Add(address);
            }
        }

        return (IReadOnlyList<byte[]>)addresses;
    });

    /// <inheritdoc/>
    public Task WriteMeta(IPAddress machine, uint key, string value, CancellationToken cancellation) => Call(machine, cancellation, async (channel, options) =>
    {
        var request = new MetaWriteRequest { Key = key, Value = ByteString.CopyFromUtf8(value) };
        var answer = await new MachineService.MachineServiceClient(channel).MetaWriteAsync(request, options);
        ThrowOnError(answer.Messages.Select(message => message.Metadata));
        return true;
    });

    /// <summary>The address that a physical link counts with; null for other links (reference/talos-api.md 2.2).</summary>
    private static byte[]? AddressOf(Resource? resource, IPAddress machine)
    {
        LinkStatusSpec link;
        try
        {
            link = LinkStatusSpec.Parser.ParseFrom(resource?.Spec?.ProtoSpec ?? ByteString.Empty);
        }
        catch (InvalidProtocolBufferException failure)
        {
            throw new RpcException(new Status(
                StatusCode.Internal, $"the machine {machine} describes its network link {resource?.Metadata?.Id} in a form that can't be read: {failure.Message}", failure));
        }

        return link.Type == NethelpersLinkType.LinkEther && link.Kind.Length == 0
            ? (link.PermanentAddr.IsEmpty ? link.HardwareAddr : link.PermanentAddr).ToByteArray()
            : null;
    }

    /// <summary>The answer of a machine may be an error of its own although the call succeeded (reference/talos-api.md 1.4).</summary>
    private static void ThrowOnError(IEnumerable<Fleethold.Resources.Wire.Common.Metadata?> answers)
    {
        foreach (var answer in answers)
        {
            if (answer is { Error.Length: > 0 })
            {
                throw new RpcException(new Status((StatusCode?)answer.Status?.Code ?? StatusCode.Unknown, answer.Error));
            }
        }
    }

    private static async ValueTask<Stream> Connect(IPEndPoint endpoint, CancellationToken cancellation)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endpoint, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<T> Call<T>(IPAddress machine, CancellationToken cancellation, Func<GrpcChannel, CallOptions, Task<T>> call)
    {
        using var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectTimeout = Limit,
            ConnectCallback = (_, stop) => (connect ?? Connect)(new IPEndPoint(machine, port), stop),
            SslOptions = new SslClientAuthenticationOptions
            {
                EnabledSslProtocols = SslProtocols.Tls13,
                ApplicationProtocols = [SslApplicationProtocol.Http2],

                // The tunnel has proved which machine this is; the certificate proves nothing.
                RemoteCertificateValidationCallback = (_, _, _, _) => true,
            },
        };
        var host = machine.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{machine}]" : machine.ToString();
        using var channel = GrpcChannel.ForAddress(
            string.Create(CultureInfo.InvariantCulture, $"https://{host}:{port}"), new GrpcChannelOptions { HttpHandler = handler });
        return await call(channel, new CallOptions(deadline: TimeProvider.System.GetUtcNow().UtcDateTime + (limit ?? Limit), cancellationToken: cancellation));
    }
}
