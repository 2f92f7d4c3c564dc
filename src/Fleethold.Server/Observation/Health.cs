using Fleethold.Resources;
using Fleethold.Runtime;
using Fleethold.Server.States;

namespace Fleethold.Server.Observation;

/// <summary>Whether the server lives and whether it can be used (reference/deployment.md 9).</summary>
internal static class Health
{
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(1);
    private static readonly string[] Methods = ["GET", "HEAD"];

    public static void MapHealth(this WebApplication app)
    {
        var state = app.Services.GetRequiredService<ServerState>();
        var clock = app.Services.GetRequiredService<TimeProvider>();
        app.Map("/healthz", context => Answer(context, async () => await Reads(state.Inside, clock) ? null : "the store doesn't answer"));
        app.Map("/readyz", context => Answer(context, async () =>
            !await Reads(state.Inside, clock) ? "the store doesn't answer"
            : state.WritesRefusedBecause is not null ? "the store takes no writes; the log of the server says why"
            : null));
    }

    /// <summary>Whether the store tells within a second that something isn't there.</summary>
    internal static async Task<bool> Reads(IState state, TimeProvider clock)
    {
        using var budget = new CancellationTokenSource(Budget, clock);
        try
        {
            var outcome = await state.Get(new ResourceRef(Namespaces.Default, "Health.fleethold.dev", "none"), budget.Token).AsTask().WaitAsync(budget.Token);
            return outcome.Fault is Fault.NotFound;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static async Task Answer(HttpContext context, Func<Task<string?>> trouble)
    {
        var response = context.Response;
        if (!Methods.Contains(context.Request.Method))
        {
            response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            response.Headers.Allow = "GET, HEAD";
            return;
        }

        var problem = await trouble();
        response.StatusCode = problem is null ? StatusCodes.Status200OK : StatusCodes.Status500InternalServerError;
        response.ContentType = "text/plain; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        if (HttpMethods.IsGet(context.Request.Method))
        {
            await response.WriteAsync((problem ?? "ok") + "\n");
        }
    }
}
