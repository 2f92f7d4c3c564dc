using Grpc.Core;

namespace Fleethold.Cli.Connection;

/// <summary>gRPC failures in the words of Go clients, which people and scripts know from omnictl.</summary>
internal static class RpcText
{
    /// <summary>For example <c>rpc error: code = NotFound desc = resource … doesn't exist</c>.</summary>
    public static string Of(RpcException failure) => $"rpc error: code = {Name(failure.StatusCode)} desc = {failure.Status.Detail}";

    private static string Name(StatusCode code) => code == StatusCode.Cancelled ? "Canceled" : code.ToString();
}
