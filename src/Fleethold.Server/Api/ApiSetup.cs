using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Fleethold.Server.Api;

/// <summary>The gRPC services.</summary>
internal static class ApiSetup
{
    public static void AddStateApi(this WebApplicationBuilder builder)
    {
        builder.Services.AddGrpc(options =>
        {
            options.MaxReceiveMessageSize = Requests.MaxMessage;
            options.MaxSendMessageSize = null;
            options.IgnoreUnknownServices = true;
            options.ResponseCompressionAlgorithm = "gzip";
            options.CompressionProviders.Clear();
            options.CompressionProviders.Add(new BoundedGzip());
            options.Interceptors.Add<UnexpectedErrors>();
        });
        builder.Services.AddSingleton<UnexpectedErrors>();
        builder.Services.AddSingleton<ResourceForms>();
        builder.Services.AddSingleton<StateService>();
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IServiceMethodProvider<StateService>, StateMethods>());
    }

    /// <summary>The management API, whose methods live in classes of their own.</summary>
    public static void AddManagementApi(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<JoinMethods>();
        builder.Services.AddSingleton<MachineLogMethods>();
        builder.Services.AddSingleton<ManagementService>();
    }

    public static void MapStateApi(this WebApplication app) => app.MapGrpcService<StateService>();

    public static void MapManagementApi(this WebApplication app) => app.MapGrpcService<ManagementService>();

    /// <summary>Everything that isn't there.</summary>
    public static void MapUnknown(this WebApplication app) => app.Map("/{**path}", context =>
    {
        var path = context.Request.Path.Value ?? "/";
        if (!Refusal.IsGrpc(context.Request))
        {
            return Refusal.Write(context, StatusCode.NotFound, "nothing is here");
        }

        // The words of the Go server, which clients show.
        var slash = path.LastIndexOf('/');
        var (service, method) = slash > 0 ? (path[1..slash], path[(slash + 1)..]) : (path.TrimStart('/'), "");
        var text = service == StateMethods.ServiceName ? $"unknown method {method} for service {service}" : $"unknown service {service}";
        return Refusal.Write(context, StatusCode.Unimplemented, text);
    });
}
