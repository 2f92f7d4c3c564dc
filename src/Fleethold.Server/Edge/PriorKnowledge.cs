using System.Buffers;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Fleethold.Server.Edge;

/// <summary>
/// HTTP/1.1 and HTTP/2 with prior knowledge on one port without TLS, as upstream serves them (reference/api-auth.md 1.1). The web server picks HTTP/1.1 for such
/// a port; a connection that begins with HTTP/2's preface is therefore marked as if ALPN had chosen h2.
/// </summary>
internal static class PriorKnowledge
{
    /// <summary>As long as the web server itself waits for the headers of a request.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly Http2Chosen Chosen = new();

    /// <summary>Looks at the first bytes of a connection without taking them.</summary>
    public static ConnectionDelegate Detect(ConnectionDelegate next) => async connection =>
    {
        try
        {
            if (await BeginsWithPreface(connection))
            {
                connection.Features.Set<ITlsConnectionFeature>(Chosen);
                connection.Features.Set<ITlsApplicationProtocolFeature>(Chosen);
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException)
        {
            // It went, or sat there, before it said anything.
            return;
        }

        await next(connection);
    };

    private static async ValueTask<bool> BeginsWithPreface(ConnectionContext connection)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
        patience.CancelAfter(Patience);
        var input = connection.Transport.Input;
        while (true)
        {
            var read = await input.ReadAsync(patience.Token);
            var buffer = read.Buffer;
            var enough = buffer.Length >= 3;
            var found = enough && IsPreface(buffer);

            // Everything is left for the server; without enough bytes they count as seen, so that the next read waits for more.
            input.AdvanceTo(buffer.Start, enough || read.IsCompleted ? buffer.Start : buffer.End);
            if (enough || read.IsCompleted || read.IsCanceled)
            {
                return found;
            }
        }
    }

    private static bool IsPreface(ReadOnlySequence<byte> buffer)
    {
        Span<byte> first = stackalloc byte[3];
        buffer.Slice(0, 3).CopyTo(first);
        return first.SequenceEqual("PRI"u8);
    }

    private sealed class Http2Chosen : ITlsConnectionFeature, ITlsApplicationProtocolFeature
    {
        private static readonly byte[] H2 = "h2"u8.ToArray();

        public X509Certificate2? ClientCertificate { get; set; }

        public ReadOnlyMemory<byte> ApplicationProtocol => H2;

        public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) => Task.FromResult<X509Certificate2?>(null);
    }
}
