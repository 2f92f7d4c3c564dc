using Fleethold.Runtime;
using Fleethold.Server.Configuration;
using Fleethold.Server.Configuration.Table;
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
        var data = folder.PathOf("data");
        var free = new ListenAddress("127.0.0.1", 0);
        var application = Fleethold.Server.Program.Compose(new ServerConfiguration
        {
            Defaults = Defaults.Fleethold,
            Account = new AccountSettings("5c9f3a0e-0d0b-4a0e-9a7e-3a1d7d1c2b11", "default"),
            Api = new ApiSettings(free, new Uri("https://localhost"), new TlsSettings.OwnCertificate()),
            Metrics = new MetricsSettings(free, new TlsSettings.None()),
            LocalDoors = new LocalDoorSettings(0, Fleethold.Resources.LocalDoor.SocketIn(data)),
            Storage = new StorageSettings(data, new StoreSettings.Memory(), []),
            Keys = new KeySettings(Path.Combine(data, "store.key"), true, null, null, new VaultSettings(null, null, "kubernetes"), []),
            Logs = new LogSettings(LogLevel.Error, LogFormat.Text),
        });
        await application.StartAsync(Deadline.Token);
        return new RealServer(folder, application);
    }

    /// <summary>Stores lines of a machine.</summary>
    public async Task Log(string machine, params string[] lines)
    {
        var store = _application.Services.GetRequiredService<Fleethold.Server.Machines.LogSink>().Store;
        foreach (var line in lines)
        {
            Assert.True(store.TryWrite(machine, System.Text.Encoding.UTF8.GetBytes(line)));
        }

        await store.Flush();
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
