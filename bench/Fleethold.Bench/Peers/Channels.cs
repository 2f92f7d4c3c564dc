using Grpc.Core;
using Grpc.Net.Client;

namespace Fleethold.Bench.Peers;

/// <summary>Several connections to one server; users take them in turn.</summary>
internal sealed class Channels(int count, Func<GrpcChannel> connect) : IDisposable
{
    private readonly GrpcChannel[] _channels = [.. Enumerable.Range(0, count).Select(_ => connect())];

    /// <summary>The connection of the user with this number.</summary>
    public CallInvoker this[int user] => _channels[user % _channels.Length].CreateCallInvoker();

    /// <inheritdoc/>
    public void Dispose() => Array.ForEach(_channels, channel => channel.Dispose());
}
