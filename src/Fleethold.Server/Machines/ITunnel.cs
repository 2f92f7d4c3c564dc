using Fleethold.SideroLink;
using Fleethold.SideroLink.Tunnel;

namespace Fleethold.Server.Machines;

/// <summary>An open tunnel: its peers and the way in for datagrams of streams. Closing it takes the device away.</summary>
internal interface ITunnel : ILinkTable, IDatagramInput, IAsyncDisposable;

/// <summary>Opens the tunnel.</summary>
/// <param name="privateKey">The server's private key, 32 bytes.</param>
/// <exception cref="Host.StartException">It can't be opened here; the message says what to do.</exception>
internal delegate ITunnel TunnelOpener(ReadOnlySpan<byte> privateKey);
