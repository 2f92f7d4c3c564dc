using System.Security.Cryptography;
using Fleethold.SideroLink.Wire;
using ProvisionRequest = Fleethold.SideroLink.Wire.ProvisionRequest;

namespace Fleethold.Controllers.Tests.Joining;

/// <summary>What a machine keeps, and what it asks with.</summary>
internal sealed class JoiningMachine(string uuid)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<uint, string> _meta = [];

    public string Uuid => Meta(15) ?? uuid;

    public string Key { get; private set; } = NewKey();

    public string? JoinToken { get; set; } = JoinRig.Token;

    public string? Version { get; set; } = "v1.13.0";

    public bool AsksForTunnel { get; set; }

    public bool IsInstalled { get; set; }

    /// <summary>Null lets calls on it hang.</summary>
    public IReadOnlyList<byte[]>? Addresses { get; set; } = [RandomNumberGenerator.GetBytes(6)];

    /// <summary>Ends when a call hangs.</summary>
    public TaskCompletionSource Hanging { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public List<string> Calls { get; } = [];

    public PublicKey PublicKey => PublicKey.TryParse(Key, out var key) ? key : default;

    public string? UniqueToken => Meta(16);

    public void Reboot() => Key = NewKey();

    /// <summary>Forgets what was never written to a disk.</summary>
    public void LoseMeta()
    {
        lock (_gate)
        {
            _meta.Clear();
        }
    }

    public void Write(uint key, string value)
    {
        lock (_gate)
        {
            Calls.Add($"meta {key}");
            _meta[key] = value;
        }
    }

    public ProvisionRequest Request()
    {
        var request = new ProvisionRequest { NodeUuid = Uuid, NodePublicKey = Key, NodeUniqueToken = UniqueToken ?? "" };
        if (JoinToken is not null)
        {
            request.JoinToken = JoinToken;
        }

        if (Version is not null)
        {
            request.TalosVersion = Version;
        }

        if (AsksForTunnel)
        {
            request.WireguardOverGrpc = true;
        }

        return request;
    }

    private static string NewKey() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    private string? Meta(uint key)
    {
        lock (_gate)
        {
            return _meta.GetValueOrDefault(key);
        }
    }
}
