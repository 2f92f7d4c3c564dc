using Fleethold.Controllers.Machines;
using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Fleethold.Runtime;
using Fleethold.Server.Configuration;
using Fleethold.Server.Host;
using Fleethold.Server.States;
using Fleethold.SideroLink.Cryptography;
using Fleethold.SideroLink.Provision;
using Fleethold.SideroLink.Wire;

namespace Fleethold.Server.Machines;

/// <summary>
/// The resource <c>siderolink-config</c> (reference/siderolink.md 2.1 and 3): the key pair and the first join token, made once and kept for the life of the
/// installation, as every machine knows them; and the endpoints, which are the configuration's at each start.
/// </summary>
internal sealed partial class LinkConfig(ServerState state, ServerConfiguration configuration, TimeProvider clock, ILogger<LinkConfig> log) : IStageService
{
    /// <summary>Its id.</summary>
    public const string Id = MachineNames.LinkConfig;

    private KeyPair? _pair;

    /// <inheritdoc/>
    public Stage Stage => Stage.State;

    /// <summary>The private key of the tunnel, 32 bytes.</summary>
    public ReadOnlySpan<byte> PrivateKey => Pair.Secret;

    private KeyPair Pair => _pair ?? throw new InvalidOperationException("the configuration of SideroLink isn't read yet");

    /// <inheritdoc/>
    public async Task Start(CancellationToken cancellation)
    {
        var inside = state.Inside;
        var present = await inside.Get(Kinds.Configs, Id, cancellation);
        if (!present.Succeeded(out var config, out var fault))
        {
            if (fault is not Fault.NotFound)
            {
                throw new StartException($"the configuration of SideroLink can't be read: {fault.Message}");
            }

            config = await Create(inside, cancellation);
        }

        Check(config.Spec);
        var written = await inside.Modify(config.Ref, resource => Refreshed((Resource<SiderolinkConfigSpec>)resource), cancellation: cancellation);
        if (written.Fault is { } refused)
        {
            throw new StartException($"the configuration of SideroLink can't be written: {refused.Message}");
        }
    }

    /// <inheritdoc/>
    public Task Stop(CancellationToken cancellation) => Task.CompletedTask;

    private async Task<Resource<SiderolinkConfigSpec>> Create(IState inside, CancellationToken cancellation)
    {
        var pair = KeyPair.Generate();
        var fresh = Kinds.Configs.New(Id, new SiderolinkConfigSpec
        {
            PrivateKey = Convert.ToBase64String(pair.Secret),
            PublicKey = pair.ToString(),
            Subnet = TunnelAddresses.Machines.ToString(),
            ServerAddress = TunnelAddresses.Server.ToString(),
            InitialJoinToken = JoinToken.Generate(),
        });
        var created = await inside.Create(fresh.With(fresh.Metadata.WrittenAt(Instant.Now(clock))), cancellation: cancellation);
        if (created.Fault is { } fault)
        {
            throw new StartException($"the configuration of SideroLink can't be written: {fault.Message}");
        }

        Log.Made(log, fresh.Spec.PublicKey);
        return (Resource<SiderolinkConfigSpec>)created.Value;
    }

    private Resource<SiderolinkConfigSpec> Refreshed(Resource<SiderolinkConfigSpec> config)
    {
        var wanted = config.With(spec =>
        {
            spec.WireguardEndpoint = configuration.SideroLink.WireGuard.ToString();
            spec.AdvertisedEndpoint = string.Join(',', configuration.SideroLink.AdvertisedEndpoints);
            spec.PublicKey = Pair.ToString();
        });
        return wanted.SameSpecAs(config) ? config : wanted.With(wanted.Metadata.WrittenAt(Instant.Now(clock)));
    }

    private void Check(SiderolinkConfigSpec spec)
    {
        var key = new byte[PublicKey.Length];
        if (!Convert.TryFromBase64String(spec.PrivateKey, key, out var length) || length != PublicKey.Length)
        {
            throw new StartException("the private key of SideroLink in the store is damaged: restore a backup; a new key would lose every machine that has joined");
        }

        _pair = KeyPair.From(key);
    }

    private static partial class Log
    {
        [LoggerMessage(112, LogLevel.Information, "the key pair of SideroLink was made; its public key is {PublicKey}")]
        public static partial void Made(ILogger logger, string publicKey);
    }
}
