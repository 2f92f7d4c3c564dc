using Fleethold.Resources.Wire;
using Fleethold.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Fleethold.Cli.Tests;

/// <summary>Serves a State service of a test on a Unix socket.</summary>
internal sealed class StateHost : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly WebApplication _application;

    private StateHost(WebApplication application, TemporaryFolder folder) => (_application, _folder) = (application, folder);

    /// <summary>The path of the socket.</summary>
    public string Socket => _folder.PathOf("state.sock");

    public static async Task<StateHost> Start<TState>(TState state)
        where TState : State.StateBase
    {
        var folder = new TemporaryFolder();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc(options => options.ResponseCompressionAlgorithm = "gzip");
        builder.Services.AddSingleton(state);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(folder.PathOf("state.sock"), listen => listen.Protocols = HttpProtocols.Http2));
        var application = builder.Build();
        application.MapGrpcService<TState>();
        await application.StartAsync(Deadline.Token);
        return new StateHost(application, folder);
    }

    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        _folder.Dispose();
    }
}
