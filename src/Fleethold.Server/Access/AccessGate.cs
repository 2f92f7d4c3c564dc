using Fleethold.Server.Api;
using Grpc.AspNetCore.Server;
using Grpc.Core;

namespace Fleethold.Server.Access;

/// <summary>Asks <see cref="AccessTable"/> before any endpoint runs, and says who calls.</summary>
internal static class AccessGate
{
    /// <summary>What callers of the public door are told as long as there is no sign-in.</summary>
    public const string NoSignIn =
        "unauthenticated: signing in is not implemented yet; on the server itself use fhctl, which speaks to the Unix socket fleethold.sock in the data folder";

    /// <summary>The metadata that names an infrastructure provider at the local door.</summary>
    private const string ProviderHeader = "providerid";

    private const string RuntimeHeader = "runtime";

    public static void UseAccess(this WebApplication app) => app.Use(Decide);

    /// <summary>The name that the access table knows an endpoint by.</summary>
    public static string NameOf(Endpoint endpoint) =>
        endpoint.Metadata.GetMetadata<GrpcMethodMetadata>() is { } grpc
            ? grpc.Method.FullName
            : (endpoint as RouteEndpoint)?.RoutePattern.RawText ?? endpoint.DisplayName ?? "";

    private static Task Decide(HttpContext context, RequestDelegate next)
    {
        var door = context.Features.Get<DoorFeature>()?.Door ?? Door.Public;
        var request = context.Request;

        // Calls for a machine's own state have the same method names as ours (reference/resources.md 2.1).
        if (request.Headers.TryGetValue(RuntimeHeader, out var runtime) && runtime == "Talos" && !IsOurs(request.Path)
            && (door is Door.Public or Door.LocalReader or Door.LocalSocket))
        {
            return door == Door.Public
                ? Refusal.Write(context, StatusCode.Unauthenticated, NoSignIn)
                : Refusal.Write(context, StatusCode.Unimplemented, "the proxy to the Talos API of machines is not implemented yet");
        }

        if (context.GetEndpoint() is not { } endpoint)
        {
            return next(context);
        }

        var isProvider = request.Headers.TryGetValue(ProviderHeader, out var provider) && provider.ToString().Length > 0;
        switch (AccessTable.Find(NameOf(endpoint), door))
        {
            case AccessDecision.SignInNeeded:
                return Refusal.Write(context, StatusCode.Unauthenticated, NoSignIn);
            case AccessDecision.ProvidersOnly when !isProvider:
                return Refusal.Write(context, StatusCode.PermissionDenied, "only read access is permitted");
            case AccessDecision.ProvidersOnly or AccessDecision.Allowed:
                context.Features.Set(CallerAt(door, isProvider ? provider.ToString() : ""));
                return next(context);
            case AccessDecision.NotServed:
                return Refusal.Write(context, StatusCode.Unimplemented, "not served here");
            default:
                return Refusal.Write(context, StatusCode.PermissionDenied, "nobody may call this");
        }
    }

    private static Caller CallerAt(Door door, string providerId) => door switch
    {
        Door.LocalSocket => Caller.Owner,
        Door.LocalReader when providerId.Length > 0 => new Caller(Rights.Provider, providerId),
        _ => Caller.Reader,
    };

    private static bool IsOurs(PathString path)
    {
        var text = path.Value.AsSpan();
        return text.StartsWith("/auth.") || text.StartsWith("/config.") || text.StartsWith("/management.")
            || text.StartsWith("/oidc.") || text.StartsWith("/omni.");
    }
}
