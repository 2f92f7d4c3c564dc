using Fleethold.Resources;
using Fleethold.Resources.Wire.Management;
using Fleethold.Server.Access;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Contract = Fleethold.Resources.Wire.Management.ManagementService;

namespace Fleethold.Server.Api;

/// <summary>
/// <c>management.ManagementService</c>, as omnictl and fhctl call it (reference/management-proto.md 1). It only hands calls on: the methods of one subject
/// live in a class of their own, which gets the request and the caller. A method that isn't there yet says so.
/// </summary>
internal sealed class ManagementService(JoinMethods joining, MachineLogMethods machineLogs) : Contract.ManagementServiceBase
{
    public override Task<CreateJoinTokenResponse> CreateJoinToken(CreateJoinTokenRequest request, ServerCallContext context) =>
        joining.CreateJoinToken(request, CallerOf(context), context.CancellationToken);

    public override Task<GetMachineJoinConfigResponse> GetMachineJoinConfig(GetMachineJoinConfigRequest request, ServerCallContext context) =>
        joining.GetMachineJoinConfig(request, context.RequestHeaders.GetValue(LocalDoor.WithoutCaHeader) != "true", context.CancellationToken);

    public override Task<ResetNodeUniqueTokenResponse> ResetNodeUniqueToken(ResetNodeUniqueTokenRequest request, ServerCallContext context) =>
        joining.ResetNodeUniqueToken(request, context.CancellationToken);

    public override Task<KubeconfigResponse> Kubeconfig(KubeconfigRequest request, ServerCallContext context) => throw Missing(nameof(Kubeconfig), "access to Kubernetes");

    public override Task<TalosconfigResponse> Talosconfig(TalosconfigRequest request, ServerCallContext context) => throw Missing(nameof(Talosconfig), "access to Talos");

    public override Task<OmniconfigResponse> Omniconfig(Empty request, ServerCallContext context) => throw Missing(nameof(Omniconfig), "sign-in");

    public override Task MachineLogs(MachineLogsRequest request, IServerStreamWriter<Fleethold.Resources.Wire.Common.Data> responseStream, ServerCallContext context) =>
        machineLogs.MachineLogs(request, responseStream, context.CancellationToken);

    public override Task<Empty> ValidateConfig(ValidateConfigRequest request, ServerCallContext context) => throw Missing(nameof(ValidateConfig), "machine configurations");

    public override Task<ValidateJsonSchemaResponse> ValidateJSONSchema(ValidateJsonSchemaRequest request, ServerCallContext context) => throw Missing(nameof(ValidateJSONSchema), "machine configurations");

    public override Task<CreateServiceAccountResponse> CreateServiceAccount(CreateServiceAccountRequest request, ServerCallContext context) => throw Missing(nameof(CreateServiceAccount), "service accounts");

    public override Task<RenewServiceAccountResponse> RenewServiceAccount(RenewServiceAccountRequest request, ServerCallContext context) => throw Missing(nameof(RenewServiceAccount), "service accounts");

    public override Task<ListServiceAccountsResponse> ListServiceAccounts(Empty request, ServerCallContext context) => throw Missing(nameof(ListServiceAccounts), "service accounts");

    public override Task<Empty> DestroyServiceAccount(DestroyServiceAccountRequest request, ServerCallContext context) => throw Missing(nameof(DestroyServiceAccount), "service accounts");

    public override Task<KubernetesUpgradePreChecksResponse> KubernetesUpgradePreChecks(KubernetesUpgradePreChecksRequest request, ServerCallContext context) => throw Missing(nameof(KubernetesUpgradePreChecks), "upgrades of Kubernetes");

    public override Task KubernetesSyncManifests(KubernetesSyncManifestRequest request, IServerStreamWriter<KubernetesSyncManifestResponse> responseStream, ServerCallContext context) =>
        throw Missing(nameof(KubernetesSyncManifests), "upgrades of Kubernetes");

    public override Task<CreateSchematicResponse> CreateSchematic(CreateSchematicRequest request, ServerCallContext context) => throw Missing(nameof(CreateSchematic), "installation media");

    public override Task<CreateSchematicResponse> CreateSchematicFromRaw(CreateSchematicFromRawRequest request, ServerCallContext context) => throw Missing(nameof(CreateSchematicFromRaw), "installation media");

    public override Task<BootAssetURLResponse> GetBootAssetURL(BootAssetURLRequest request, ServerCallContext context) => throw Missing(nameof(GetBootAssetURL), "installation media");

    public override Task GetSupportBundle(GetSupportBundleRequest request, IServerStreamWriter<GetSupportBundleResponse> responseStream, ServerCallContext context) =>
        throw Missing(nameof(GetSupportBundle), "support bundles");

    public override Task ReadAuditLog(ReadAuditLogRequest request, IServerStreamWriter<ReadAuditLogResponse> responseStream, ServerCallContext context) =>
        throw Missing(nameof(ReadAuditLog), "the audit log");

    public override Task<MaintenanceUpgradeResponse> MaintenanceUpgrade(MaintenanceUpgradeRequest request, ServerCallContext context) => throw Missing(nameof(MaintenanceUpgrade), "maintenance of machines");

    public override Task MaintenanceLifecycle(MaintenanceLifecycleRequest request, IServerStreamWriter<MaintenanceLifecycleResponse> responseStream, ServerCallContext context) =>
        throw Missing(nameof(MaintenanceLifecycle), "maintenance of machines");

    public override Task<CreateUserResponse> CreateUser(CreateUserRequest request, ServerCallContext context) => throw Missing(nameof(CreateUser), "users");

    public override Task<ListUsersResponse> ListUsers(Empty request, ServerCallContext context) => throw Missing(nameof(ListUsers), "users");

    public override Task<Empty> UpdateUser(UpdateUserRequest request, ServerCallContext context) => throw Missing(nameof(UpdateUser), "users");

    public override Task<Empty> DestroyUser(DestroyUserRequest request, ServerCallContext context) => throw Missing(nameof(DestroyUser), "users");

    public override Task<MachinePowerOffResponse> MachinePowerOff(MachinePowerOffRequest request, ServerCallContext context) => throw Missing(nameof(MachinePowerOff), "power of machines");

    public override Task<MachinePowerOnResponse> MachinePowerOn(MachinePowerOnRequest request, ServerCallContext context) => throw Missing(nameof(MachinePowerOn), "power of machines");

    private static Caller CallerOf(ServerCallContext context) =>
        context.GetHttpContext().Features.Get<Caller>() ?? throw new InvalidOperationException("nobody let this call in");

    private static RpcException Missing(string method, string feature) =>
        new(new Status(StatusCode.Unimplemented, $"{method} is not implemented yet: {feature}"));
}
