using System.Buffers.Binary;
using System.Security.Cryptography;
using Fleethold.SideroLink.Cryptography;
using Fleethold.SideroLink.Wire;

namespace Fleethold.SideroLink.Engine;

/// <summary>Makes cookies from a secret that is renewed every 120 s; nothing is kept per source (reference/wireguard.md 1.5). Thread-safe.</summary>
internal sealed class CookieSecret
{
    /// <summary>How long a cookie is good, in milliseconds.</summary>
    public const long Life = 120_000;

    private readonly Lock _gate = new();
    private Key32 _secret;
    private long _made = long.MinValue / 2;

    /// <summary>The cookie of a source at this time.</summary>
    public void Write(in PeerEndpoint source, long now, Span<byte> cookie)
    {
        Span<byte> bytes = stackalloc byte[19];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, source.Address);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[16..], source.Port);
        bytes[18] = (byte)source.Kind;
        lock (_gate)
        {
            if (now - _made >= Life)
            {
                RandomNumberGenerator.Fill(_secret);
                _made = now;
            }

            Blake2s.Mac(_secret, bytes, cookie[..Message.MacLength]);
        }
    }
}
