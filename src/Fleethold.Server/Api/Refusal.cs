using System.Text;
using Grpc.Core;

namespace Fleethold.Server.Api;

/// <summary>Refuses a request before it reaches a service, in the form that its client understands.</summary>
internal static class Refusal
{
    /// <summary>What clients are told while the server stops.</summary>
    public const string Stopping = "the server is stopping";

    /// <summary>True for a gRPC call.</summary>
    public static bool IsGrpc(HttpRequest request) =>
        HttpProtocol.IsHttp2(request.Protocol) && request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>Answers with a gRPC status and no message, or with the matching HTTP status and a line of text.</summary>
    public static Task Write(HttpContext context, StatusCode code, string message)
    {
        var response = context.Response;
        if (IsGrpc(context.Request))
        {
            response.StatusCode = StatusCodes.Status200OK;
            response.ContentType = "application/grpc";
            response.Headers["grpc-status"] = ((int)code).ToString(System.Globalization.CultureInfo.InvariantCulture);
            response.Headers["grpc-message"] = Encode(message);
            return Task.CompletedTask;
        }

        response.StatusCode = code switch
        {
            StatusCode.Unauthenticated => StatusCodes.Status401Unauthorized,
            StatusCode.PermissionDenied => StatusCodes.Status403Forbidden,
            StatusCode.Unimplemented or StatusCode.NotFound => StatusCodes.Status404NotFound,
            StatusCode.Unavailable => StatusCodes.Status503ServiceUnavailable,
            _ => StatusCodes.Status500InternalServerError,
        };
        response.ContentType = "text/plain; charset=utf-8";
        return response.WriteAsync(message + "\n");
    }

    /// <summary>The percent-encoding of grpc-message: printable ASCII but for the percent sign stays as it is.</summary>
    internal static string Encode(string message)
    {
        var encoded = new StringBuilder(message.Length);
        foreach (var unit in Encoding.UTF8.GetBytes(message))
        {
            if (unit is >= 0x20 and <= 0x7e && unit != (byte)'%')
            {
                encoded.Append((char)unit);
            }
            else
            {
                encoded.Append(System.Globalization.CultureInfo.InvariantCulture, $"%{unit:X2}");
            }
        }

        return encoded.ToString();
    }
}
