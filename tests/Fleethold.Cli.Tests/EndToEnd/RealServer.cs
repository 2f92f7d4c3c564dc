using System.Net;
using Fleethold.Runtime;
using Fleethold.Server.Host;
using Fleethold.Server.States;
using Fleethold.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Fleethold.Cli.Tests.EndToEnd;

/// <summary>The server itself, as <c>fleethold serve</c> puts it together, in memory and on its Unix socket.</summary>
internal sealed class RealServer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder;
    private readonly WebApplication _application;

    private RealServer(TemporaryFolder folder, WebApplication application) => (_folder, _application) = (folder, application);

    /// <summary>The path of the socket.</summary>
    public string Socket => Fleethold.Resources.LocalDoor.SocketIn(_folder.PathOf("data"));

    /// <summary>The certificate of the server's own authority.</summary>
    public string CaFile => Path.Combine(_folder.PathOf("data"), "tls", "ca.crt");

    /// <summary>The TLS port.</summary>
    public int ApiPort => PortOf(0);

    /// <summary>The local door for readers.</summary>
    public int ReaderPort => PortOf(1);

    /// <summary>The state with the rights of controllers.</summary>
    public IState State => _application.Services.GetRequiredService<ServerState>().Inside;

    public static async Task<RealServer> Start()
    {
        var folder = new TemporaryFolder();
        var application = Fleethold.Server.Program.Compose(new ServerOptions
        {
            DataFolder = folder.PathOf("data"),
            Durable = false,
            Api = new IPEndPoint(IPAddress.Loopback, 0),
            LocalReader = new IPEndPoint(IPAddress.Loopback, 0),
            Metrics = null,
            LogLevel = LogLevel.Error,
        });
        await application.StartAsync(Deadline.Token);
        return new RealServer(folder, application);
    }

    /// <summary>Runs fhctl against it, in this process.</summary>
    public async Task<(int Exit, string Out, string Error)> Run(string[] arguments, string input = "", string editor = "false")
    {
        var shell = new Shell { In = input }.With("EDITOR", editor);
        return (await shell.Run([.. arguments, "--socket", Socket]), shell.Out, shell.Error);
    }

    private int PortOf(int index) => BindingAddress.Parse(_application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses
        .Where(address => !address.Contains("unix:", StringComparison.Ordinal)).ElementAt(index)).Port;

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync(Deadline.Token);
        await _application.DisposeAsync();
        _folder.Dispose();
    }
}
