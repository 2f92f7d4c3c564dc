using Fleethold.Resources;
using Grpc.Core;

namespace Fleethold.Server.Api;

/// <summary>
/// The one table from faults to gRPC codes. Clients of <c>cosi.resource.State</c> decide by the code alone (reference/resources.md 2.6):
/// a version mismatch makes them read again and retry, so no permanent refusal may have its code.
/// </summary>
internal static class FaultCodes
{
    /// <summary>The code of a fault.</summary>
    public static StatusCode CodeOf(Fault fault) => fault switch
    {
        Fault.NotFound => StatusCode.NotFound,
        Fault.OwnerConflict or Fault.Denied => StatusCode.PermissionDenied,
        Fault.AlreadyExists => StatusCode.AlreadyExists,
        Fault.VersionConflict or Fault.PendingFinalizers or Fault.InvalidBookmark => StatusCode.FailedPrecondition,
        Fault.PhaseConflict or Fault.Invalid => StatusCode.InvalidArgument,
        Fault.Unsupported => StatusCode.Unimplemented,
        Fault.Unavailable => StatusCode.Unavailable,
        _ => StatusCode.Internal,
    };

    /// <summary>The exception that ends a call with a fault.</summary>
    public static RpcException ToException(Fault fault) => new(new Status(CodeOf(fault), fault.Message));

    /// <summary>The value, or the end of the call.</summary>
    public static T OrThrow<T>(this Outcome<T> outcome) => outcome.Succeeded(out var value, out var fault) ? value : throw ToException(fault);
}
