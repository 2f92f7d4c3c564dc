using System.Net;
using Fleethold.SideroLink.Cryptography;
using Fleethold.SideroLink.Engine;
using Fleethold.SideroLink.Wire;

namespace Fleethold.Simulator.Tunnels;

/// <summary>What a machine needs for its tunnel: all of it comes from its boot and from the answer to its provisioning.</summary>
/// <param name="Key">Its own key pair.</param>
/// <param name="Address">Its address inside the tunnel.</param>
/// <param name="Server">The public key of the server, its only peer.</param>
/// <param name="Endpoint">Where the server is: a UDP address, or the virtual address of the machine's gRPC tunnel.</param>
/// <param name="ToStream">Takes a copy of a datagram for the gRPC tunnel; null over UDP.</param>
internal sealed record MachineTunnel(KeyPair Key, IPAddress Address, PublicKey Server, PeerEndpoint Endpoint, Action<ReadOnlySpan<byte>>? ToStream);
