using System.Net;
using Fleethold.Runtime;
using Fleethold.Server.Host;
using Fleethold.Server.States;
using Fleethold.Testing;
using Microsoft.AspNetCore.Builder;
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
            LocalReader = null,
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

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync(Deadline.Token);
        await _application.DisposeAsync();
        _folder.Dispose();
    }
}
