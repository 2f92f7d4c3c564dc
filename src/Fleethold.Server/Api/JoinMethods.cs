using System.Text;
using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Fleethold.Resources.Wire.Management;
using Fleethold.Runtime;
using Fleethold.Server.Access;
using Fleethold.Server.Configuration;
using Fleethold.Server.Edge;
using Fleethold.Server.States;
using Fleethold.SideroLink.Provision;
using Grpc.Core;

namespace Fleethold.Server.Api;

/// <summary>The methods of the management API about joining (reference/management-proto.md 1.2, reference/siderolink.md 2.1, 2.6 and 6.4).</summary>
internal sealed class JoinMethods(ServerState states, ServerConfiguration configuration)
{
    /// <summary>Makes a join token: 32 random bytes, whose text is the id of the resource and the answer.</summary>
    public async Task<CreateJoinTokenResponse> CreateJoinToken(CreateJoinTokenRequest request, Caller caller, CancellationToken cancellation)
    {
        if (request.Name.Length == 0)
        {
            throw Refused(StatusCode.InvalidArgument, "token name cannot be empty");
        }

        if (Encoding.UTF8.GetByteCount(request.Name) > JoinTokenRules.MaxName)
        {
            throw Refused(StatusCode.InvalidArgument, $"token name cannot be longer than {JoinTokenRules.MaxName} symbols");
        }

        var id = JoinToken.Generate();
        var token = Kinds.JoinTokens.New(id, new JoinTokenSpec { Name = request.Name, ExpirationTime = request.ExpirationTime });
        _ = (await states.For(caller).Create(token, cancellation: cancellation)).OrThrow();
        return new CreateJoinTokenResponse { Id = id };
    }

    /// <summary>What makes a machine join, with the given token or the default one, and with our own CA where machines must trust it.</summary>
    /// <param name="request">Token and tunnel; that the server may force the tunnel isn't written into the URL.</param>
    /// <param name="withCa">False leaves the CA out.</param>
    /// <param name="cancellation">Stops the waiting.</param>
    public async Task<GetMachineJoinConfigResponse> GetMachineJoinConfig(GetMachineJoinConfigRequest request, bool withCa, CancellationToken cancellation)
    {
        var link = configuration.SideroLink;
        var options = new JoinOptions
        {
            MachineApiUrl = link.MachineApi.AdvertisedUrl,
            Token = request.JoinToken.Length > 0 ? request.JoinToken : await DefaultToken(cancellation),
            EventSinkPort = link.EventSinkPort,
            LogServerPort = link.LogServerPort,
            UseGrpcTunnel = request.UseGrpcTunnel,
            TrustedRoots = withCa && configuration.MachinesMeetOwnCertificate ? new TrustedRoots(await ReadCa(cancellation)) : null,
        };
        if (!JoinArtefacts.TryCreate(options, out var config, out var error))
        {
            throw Refused(StatusCode.InvalidArgument, error);
        }

        return new GetMachineJoinConfigResponse { KernelArgs = { config.KernelArguments }, Config = config.Documents };
    }

    /// <summary>Forgets the token of a machine, so that the next one that comes with its UUID and a valid join token is taken for it.</summary>
    public async Task<ResetNodeUniqueTokenResponse> ResetNodeUniqueToken(ResetNodeUniqueTokenRequest request, CancellationToken cancellation)
    {
        var state = states.Inside;
        if ((await state.Get(Kinds.MachineStatuses.Named(request.Id), cancellation)).Fault is Fault.NotFound)
        {
            throw Refused(StatusCode.NotFound, "machine not found");
        }

        var reference = Kinds.NodeUniqueTokens.Named(request.Id);
        var present = await state.Get(reference, cancellation);
        var fault = present.Succeeded(out var token, out var missing) ? await state.TeardownAndDestroy(reference, token.Metadata.Owner, cancellation) : missing;
        return fault switch
        {
            null => new ResetNodeUniqueTokenResponse(),

            // This one comes without a code, and clients know it so.
            Fault.NotFound => throw Refused(StatusCode.Unknown, fault.Message),
            _ => throw FaultCodes.ToException(fault),
        };
    }

    private async Task<string> DefaultToken(CancellationToken cancellation) =>
        (await states.Inside.Get(Kinds.DefaultJoinTokens, JoinTokenRules.DefaultId, cancellation)).OrThrow().Spec.TokenId;

    private async Task<string> ReadCa(CancellationToken cancellation)
    {
        var file = ServerCertificates.CaFileIn(configuration.Storage.DataDirectory);
        try
        {
            return await File.ReadAllTextAsync(file, cancellation);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Refused(StatusCode.FailedPrecondition, $"the server can't read its CA certificate {file}: {failure.Message}");
        }
    }

    private static RpcException Refused(StatusCode code, string why) => new(new Status(code, why));
}
