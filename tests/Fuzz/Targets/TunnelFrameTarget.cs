using System.Text;
using Fleethold.SideroLink.Engine;
using Fleethold.SideroLink.Tunnel;
using Fleethold.SideroLink.Wire;
using Google.Protobuf;

namespace Fleethold.Fuzz.Targets;

/// <summary>
/// Frames of a gRPC tunnel, whose datagrams go where those of UDP go; and the text by which a stream says whose it is, which reads again as it is written.
/// </summary>
internal sealed class TunnelFrameTarget : IFuzzTarget
{
    private const string Header = "[fdae:41e4:649b:9304:a1b2:c3d4:e5f6:718]:50889";

    private readonly TunnelUnderFire _tunnel = new();
    private readonly PeerEndpoint _stream = TunnelHeader.TryParse(Header, out var endpoint) ? endpoint : throw new InvalidOperationException(Header);

    public string Name => "tunnel-frame";

    public InputShape Shape => InputShape.Protobuf;

    public IReadOnlyList<string> Words { get; } = ["[", "]:", "::", "fdae:", ":50889", "%1", "::ffff:192.0.2.1", "65536"];

    public IEnumerable<byte[]> Seeds =>
    [
        .. _tunnel.Said.Select(datagram => new PeerPacket { Data = ByteString.CopyFrom(datagram) }.ToByteArray()),
        .. new[] { Header, "[::1]:1", "192.0.2.1:50889", "[fe80::1%2]:3" }.Select(Encoding.ASCII.GetBytes),
    ];

    public void Run(ReadOnlySpan<byte> input)
    {
        if (TunnelHeader.TryParse(Encoding.Latin1.GetString(input), out var endpoint))
        {
            Check.Same(true, TunnelHeader.TryParse(endpoint.ToString(), out var again));
            Check.Same(endpoint, again);
        }

        try
        {
            _tunnel.Take(PeerPacket.Parser.ParseFrom(input).Data.Span, _stream);
        }
        catch (InvalidProtocolBufferException)
        {
            // The stream ends; the machine opens another.
        }
    }
}
