using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Fleethold.Resources.Wire;
using Fleethold.Talos.Wire;
using Fleethold.Testing;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Fleethold.Talos.Tests;

/// <summary>What a machine has and does, as a test sets it.</summary>
internal sealed class MachineScript
{
    public List<Disk> Disks { get; } = [];

    public string? AnswerError { get; set; }

    public List<(string Namespace, string Type, LinkStatusSpec Spec)> Links { get; } = [];

    public byte[]? BrokenLink { get; set; }

    public Dictionary<uint, string> Meta { get; } = [];

    public Status? Refusal { get; set; }

    public Task Hold { get; set; } = Task.CompletedTask;

    public string? Protocol { get; set; }

    public int Connections { get; set; }

    public async Task Begin(ServerCallContext context)
    {
        Protocol = context.GetHttpContext().Request.Protocol;
        await Hold.WaitAsync(context.CancellationToken);
        if (Refusal is { } status)
        {
            throw new RpcException(status);
        }
    }
}

/// <summary>The API of a machine in maintenance mode: Kestrel with TLS 1.3 on loopback and a certificate that nobody has issued.</summary>
internal sealed class SmallMachine : IAsyncDisposable
{
    private readonly WebApplication _app;

    private SmallMachine(WebApplication app, MachineScript script) => (_app, Script) = (app, script);

    public MachineScript Script { get; }

    public int Port => new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;

    public static async Task<SmallMachine> Start(SslProtocols protocols = SslProtocols.Tls13)
    {
        var script = new MachineScript();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        var certificate = SelfSigned();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            listen.Use(next => connection =>
            {
                script.Connections++;
                return next(connection);
            });
            listen.UseHttps(certificate, https => https.SslProtocols = protocols);
        }));
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Services.AddRouting();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(script);
        var app = builder.Build();
        app.MapGrpcService<DiskService>();
        app.MapGrpcService<MetaService>();
        app.MapGrpcService<ResourceService>();
        await app.StartAsync(Deadline.Token);
        return new SmallMachine(app, script);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(Deadline.Token);
        await _app.DisposeAsync();
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest("CN=somebody else", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-2), now.AddDays(-1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }

    private sealed class DiskService(MachineScript script) : StorageService.StorageServiceBase
    {
        public override async Task<DisksResponse> Disks(Empty request, ServerCallContext context)
        {
            await script.Begin(context);
            var answer = new Disks { Disks_ = { script.Disks } };
            if (script.AnswerError is { } error)
            {
                answer.Metadata = new Fleethold.Resources.Wire.Common.Metadata { Error = error };
            }

            return new DisksResponse { Messages = { answer } };
        }
    }

    private sealed class MetaService(MachineScript script) : MachineService.MachineServiceBase
    {
        public override async Task<MetaWriteResponse> MetaWrite(MetaWriteRequest request, ServerCallContext context)
        {
            await script.Begin(context);
            script.Meta[request.Key] = request.Value.ToStringUtf8();

            // Simulated machines answer without messages (reference/talos-api.md 7, trap 3).
            return new MetaWriteResponse();
        }
    }

    private sealed class ResourceService(MachineScript script) : State.StateBase
    {
        public override async Task List(ListRequest request, IServerStreamWriter<ListResponse> responseStream, ServerCallContext context)
        {
            await script.Begin(context);
            foreach (var (_, _, spec) in script.Links.Where(link => link.Namespace == request.Namespace && link.Type == request.Type))
            {
                await responseStream.WriteAsync(Answer(spec.ToByteArray()));
            }

            if (script.BrokenLink is { } bytes)
            {
                await responseStream.WriteAsync(Answer(bytes));
            }
        }

        private static ListResponse Answer(byte[] spec) => new()
        {
            Resource = new Resource
            {
                Metadata = new Fleethold.Resources.Wire.Metadata { Id = "eth0" },
                Spec = new Spec { ProtoSpec = ByteString.CopyFrom(spec), YamlSpec = "is: not read" },
            },
        };
    }
}
