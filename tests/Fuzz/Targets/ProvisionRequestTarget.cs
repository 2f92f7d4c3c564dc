using Fleethold.Controllers.Machines.Joining;
using Fleethold.SideroLink.Provision;
using Fleethold.SideroLink.Wire;
using Google.Protobuf;

namespace Fleethold.Fuzz.Targets;

/// <summary>Requests to join: what passes the limits has fields of bounded size that its parsers read or refuse, and a key reads again as it is written.</summary>
internal sealed class ProvisionRequestTarget : IFuzzTarget
{
    public string Name => "provision-request";

    public InputShape Shape => InputShape.Protobuf;

    public IReadOnlyList<string> Words { get; } = ["v1:", "v2:", "v1.13.8", "{\"Fingerprint\":\"", "\",\"Token\":\"", "\"}", "/", "\n", "00000000-0000-0000-0000-000000000000"];

    public IEnumerable<byte[]> Seeds =>
    [
        new ProvisionRequest
        {
            NodeUuid = "9c5b1f3e-1111-2222-3333-444455556666",
            NodePublicKey = Convert.ToBase64String(new byte[32]),
            JoinToken = "v2:e30=",
            NodeUniqueToken = "{\"Fingerprint\":\"ab\",\"Token\":\"cd\"}",
            TalosVersion = "v1.13.8",
            WireguardOverGrpc = true,
        }.ToByteArray(),
        new ProvisionRequest { NodeUuid = "a", NodeUniqueToken = "" }.ToByteArray(),
    ];

    public long AllocationLimit(int inputLength) => 128_000 + (inputLength * 600L);

    public void Run(ReadOnlySpan<byte> input)
    {
        ProvisionRequest request;
        try
        {
            request = ProvisionRequest.Parser.ParseFrom(input);
        }
        catch (InvalidProtocolBufferException)
        {
            return;
        }

        if (RequestLimits.Problem(request) is not null)
        {
            return;
        }

        Check.Same(true, request.NodeUuid.Length <= 64 && request.TalosVersion.Length <= 64);
        if (PublicKey.TryParse(request.NodePublicKey, out var key))
        {
            Check.Same(true, PublicKey.TryParse(key.ToString(), out var again) && again == key);
        }

        _ = JoinToken.TryParse(request.JoinToken, out _, out _);
        _ = NodeUniqueToken.TryParse(request.NodeUniqueToken, out _, out _);
        _ = SecureJoin.IsSupportedBy(request.TalosVersion);
    }
}
