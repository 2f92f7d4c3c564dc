using System.Collections.Frozen;
using Fleethold.Resources.Specs;
using NS = Fleethold.Resources.Namespaces;

namespace Fleethold.Resources;

/// <summary>
/// Every kind of resource, in one table: type, default namespace, spec message, print columns and sensitivity
/// (reference/resources.md 3.3). The definitions that clients list are made from it.
/// </summary>
public static class Kinds
{
    /// <summary>The single ACL document, id access-policy.</summary>
    public static ResourceKind<AccessPolicySpec> AccessPolicies { get; } = new("AccessPolicies.omni.sidero.dev", NS.Default) { IsUserManaged = true };

    /// <summary>API URL to put into client configs.</summary>
    public static ResourceKind<AdvertisedEndpointsSpec> AdvertisedEndpoints { get; } = new("AdvertisedEndpoints.omni.sidero.dev", NS.Virtual, ("gRPC API URL", "{.grpcapiurl}"));

    /// <summary>Sign-in settings shown before login.</summary>
    public static ResourceKind<AuthConfigSpec> AuthConfigs { get; } = new("AuthConfigs.omni.sidero.dev", NS.Default);

    /// <summary>BMC credentials for a bare-metal provider.</summary>
    public static ResourceKind<BMCConfigSpec> BMCConfigs { get; } = new("BMCConfigs.omni.sidero.dev", NS.InfraProvider);

    /// <summary>Backup interval + secrets per cluster.</summary>
    public static ResourceKind<BackupDataSpec> BackupDatas { get; } = new("BackupDatas.omni.sidero.dev", NS.Default);

    /// <summary>Wakes certificate renewal.</summary>
    public static ResourceKind<CertRefreshTickSpec> CertRefreshTicks { get; } = new("CertRefreshTicks.system.sidero.dev", NS.Ephemeral);

    /// <summary>One per cloud platform for media.</summary>
    public static ResourceKind<PlatformConfigSpec> CloudPlatformConfigs { get; } = new("CloudPlatformConfigs.omni.sidero.dev", NS.Virtual);

    /// <summary>Etcd bootstrapped?.</summary>
    public static ResourceKind<ClusterBootstrapStatusSpec> ClusterBootstrapStatuses { get; } = new("ClusterBootstrapStatuses.omni.sidero.dev", NS.Default, ("Bootstrapped", "{.bootstrapped}"));

    /// <summary>Talos contract frozen at creation.</summary>
    public static ResourceKind<ClusterConfigVersionSpec> ClusterConfigVersions { get; } = new("ClusterConfigVersions.omni.sidero.dev", NS.Default);

    /// <summary>Progress text of cluster deletion.</summary>
    public static ResourceKind<DestroyStatusSpec> ClusterDestroyStatuses { get; } = new("ClusterDestroyStatuses.omni.sidero.dev", NS.Default, ("Phase", "{.phase}"));

    /// <summary>Nodes with diagnostic warnings.</summary>
    public static ResourceKind<ClusterDiagnosticsSpec> ClusterDiagnostics { get; } = new("ClusterDiagnostics.omni.sidero.dev", NS.Default);

    /// <summary>SideroLink addresses of control planes.</summary>
    public static ResourceKind<ClusterEndpointSpec> ClusterEndpoints { get; } = new("ClusterEndpoints.omni.sidero.dev", NS.Default, ("Endpoints", "{.managementaddresses}"));

    /// <summary>Manifest groups sync state.</summary>
    public static ResourceKind<ClusterKubernetesManifestsStatusSpec> ClusterKubernetesManifestsStatuses { get; } = new("ClusterKubernetesManifestsStatuses.omni.sidero.dev", NS.Default, ("Out Of Sync", "{.outofsync}"), ("Total Manifests", "{.total}"));

    /// <summary>Expected node names.</summary>
    public static ResourceKind<ClusterKubernetesNodesSpec> ClusterKubernetesNodes { get; } = new("ClusterKubernetesNodes.omni.sidero.dev", NS.Default, ("Nodes", "{.nodes}"));

    /// <summary>Ordered patches for one machine.</summary>
    public static ResourceKind<ClusterMachineConfigPatchesSpec> ClusterMachineConfigPatches { get; } = new("ClusterMachineConfigPatches.omni.sidero.dev", NS.Default);

    /// <summary>Applied config hash, version, error.</summary>
    public static ResourceKind<ClusterMachineConfigStatusSpec> ClusterMachineConfigStatuses { get; } = new("ClusterMachineConfigStatuses.omni.sidero.dev", NS.Default);

    /// <summary>Generated machine config (secret).</summary>
    public static ResourceKind<ClusterMachineConfigSpec> ClusterMachineConfigs { get; } = new("ClusterMachineConfigs.omni.sidero.dev", NS.Default);

    /// <summary>Disk key served by KMS.</summary>
    public static ResourceKind<ClusterMachineEncryptionKeySpec> ClusterMachineEncryptionKeys { get; } = new("ClusterMachineEncryptionKeys.omni.sidero.dev", NS.Default);

    /// <summary>Node id, etcd member, IPs.</summary>
    public static ResourceKind<ClusterMachineIdentitySpec> ClusterMachineIdentities { get; } = new("ClusterMachineIdentities.omni.sidero.dev", NS.Default, ("Node Identity", "{.nodeidentity}"), ("Etcd Member ID", "{.etcdmemberid}"), ("Node Name", "{.nodename}"), ("Node IPs", "{.nodeips}"), ("Discovery Service Endpoint", "{.discoveryserviceendpoint}"));

    /// <summary>Provisioning stage inside a cluster.</summary>
    public static ResourceKind<ClusterMachineRequestStatusSpec> ClusterMachineRequestStatuses { get; } = new("ClusterMachineRequestStatuses.omni.sidero.dev", NS.Default, ("Stage", "{.stage}"));

    /// <summary>Per-machine secrets bundle in rotation.</summary>
    public static ResourceKind<ClusterMachineSecretsSpec> ClusterMachineSecrets { get; } = new("ClusterMachineSecrets.omni.sidero.dev", NS.Default);

    /// <summary>Stage and readiness in the cluster.</summary>
    public static ResourceKind<ClusterMachineStatusSpec> ClusterMachineStatuses { get; } = new("ClusterMachineStatuses.omni.sidero.dev", NS.Default, ("Ready", "{.ready}"), ("Stage", "{.stage}"));

    /// <summary>Target Talos version + schematic.</summary>
    public static ResourceKind<ClusterMachineTalosVersionSpec> ClusterMachineTalosVersions { get; } = new("ClusterMachineTalosVersions.omni.sidero.dev", NS.Default);

    /// <summary>Machine assigned to a cluster.</summary>
    public static ResourceKind<ClusterMachineSpec> ClusterMachines { get; } = new("ClusterMachines.omni.sidero.dev", NS.Default);

    /// <summary>Instance-wide feature counters.</summary>
    public static ResourceKind<ClusterMetricsSpec> ClusterMetrics { get; } = new("ClusterMetrics.omni.sidero.dev", NS.Ephemeral);

    /// <summary>Caller's rights on cluster = id.</summary>
    public static ResourceKind<ClusterPermissionsSpec> ClusterPermissions { get; } = new("ClusterPermissions.omni.sidero.dev", NS.Virtual);

    /// <summary>Secrets bundle of the cluster.</summary>
    public static ResourceKind<ClusterSecretsSpec> ClusterSecrets { get; } = new("ClusterSecrets.omni.sidero.dev", NS.Default);

    /// <summary>Rotation progress.</summary>
    public static ResourceKind<ClusterSecretsRotationStatusSpec> ClusterSecretsRotationStatuses { get; } = new("ClusterSecretsRotationStatuses.omni.sidero.dev", NS.Default);

    /// <summary>Clusters per phase.</summary>
    public static ResourceKind<ClusterStatusMetricsSpec> ClusterStatusMetrics { get; } = new("ClusterStatusMetrics.omni.sidero.dev", NS.Ephemeral);

    /// <summary>Aggregate cluster state.</summary>
    public static ResourceKind<ClusterStatusSpec> ClusterStatuses { get; } = new("ClusterStatuses.omni.sidero.dev", NS.Default, ("Available", "{.available}"), ("Phase", "{.phase}"), ("Machines", "{.machines.total}"), ("Healthy", "{.machines.healthy}"));

    /// <summary>Now a label on ClusterStatus.</summary>
    public static ResourceKind<ClusterTaintSpec> ClusterTaints { get; } = new("ClusterTaints.omni.sidero.dev", NS.Default);

    /// <summary>Stable uuid of a cluster.</summary>
    public static ResourceKind<ClusterUUID> ClusterUUIDs { get; } = new("ClusterUUIDs.omni.sidero.dev", NS.Default, ("UUID", "{.uuid}"));

    /// <summary>Number of exposed services.</summary>
    public static ResourceKind<ClusterWorkloadProxyStatusSpec> ClusterWorkloadProxyStatuses { get; } = new("ClusterWorkloadProxyStatuses.omni.sidero.dev", NS.Default, ("Num Exposed Services", "{.numexposedservices}"));

    /// <summary>Cluster definition.</summary>
    public static ResourceKind<ClusterSpec> Clusters { get; } = new("Clusters.omni.sidero.dev", NS.Default, ("Talos Version", "{.talosversion}"), ("Kubernetes Version", "{.kubernetesversion}")) { IsUserManaged = true };

    /// <summary>Patch wanted by a provider for a machine request.</summary>
    public static ResourceKind<ConfigPatchSpec> ConfigPatchRequests { get; } = new("ConfigPatchRequests.omni.sidero.dev", NS.InfraProvider) { Sensitivity = Sensitivity.Sensitive };

    /// <summary>Machine config patch.</summary>
    public static ResourceKind<ConfigPatchSpec> ConfigPatches { get; } = new("ConfigPatches.omni.sidero.dev", NS.Default) { IsUserManaged = true, Sensitivity = Sensitivity.Sensitive };

    /// <summary>SideroLink server keys, id siderolink-config.</summary>
    public static ResourceKind<SiderolinkConfigSpec> Configs { get; } = new("Configs.omni.sidero.dev", NS.Default) { Sensitivity = Sensitivity.Sensitive };

    /// <summary>Join params (deprecated).</summary>
    public static ResourceKind<ConnectionParamsSpec> ConnectionParams { get; } = new("ConnectionParams.omni.sidero.dev", NS.Default, ("JoinToken", "{.jointoken}"), ("API", "{.apiendpoint}"), ("Wireguard", "{.wireguardendpoint}"), ("GRPC Tunnel", "{.usegrpctunnel}"));

    /// <summary>Control plane conditions.</summary>
    public static ResourceKind<ControlPlaneStatusSpec> ControlPlaneStatuses { get; } = new("ControlPlaneStatuses.omni.sidero.dev", NS.Default);

    /// <summary>Caller, id current.</summary>
    public static ResourceKind<CurrentUserSpec> CurrentUsers { get; } = new("CurrentUsers.omni.sidero.dev", NS.Virtual, ("Identity", "{.identity}"), ("Role", "{.role}"));

    /// <summary>Schema version, id current.</summary>
    public static ResourceKind<DBVersionSpec> DBVersions { get; } = new("DBVersions.system.sidero.dev", NS.Default);

    /// <summary>Which token is default, id default.</summary>
    public static ResourceKind<DefaultJoinTokenSpec> DefaultJoinTokens { get; } = new("DefaultJoinTokens.omni.sidero.dev", NS.Default) { IsUserManaged = true };

    /// <summary>Pending removals from discovery.</summary>
    public static ResourceKind<DiscoveryAffiliateDeleteTaskSpec> DiscoveryAffiliateDeleteTasks { get; } = new("DiscoveryAffiliateDeleteTasks.omni.sidero.dev", NS.Default, ("Cluster ID", "{.clusterid}"), ("Discovery Service Endpoint", "{.discoveryserviceendpoint}"));

    /// <summary>Etcd members removed.</summary>
    public static ResourceKind<EtcdAuditResultSpec> EtcdAuditResults { get; } = new("EtcdAuditResults.omni.sidero.dev", NS.Default);

    /// <summary>Backup key.</summary>
    public static ResourceKind<EtcdBackupEncryptionSpec> EtcdBackupEncryptions { get; } = new("EtcdBackupEncryptions.omni.sidero.dev", NS.Default);

    /// <summary>Backup health of the instance.</summary>
    public static ResourceKind<EtcdBackupOverallStatusSpec> EtcdBackupOverallStatuses { get; } = new("EtcdBackupOverallStatuses.omni.sidero.dev", NS.Metrics, ("Configuration Name", "{.configurationname}"), ("Configuration Error", "{.configurationerror}"), ("Last Backup Status", "{.lastbackupstatus.status}"), ("Last Backup Error", "{.lastbackupstatus.error}"), ("Last Backup Time", "{.lastbackupstatus.lastbackuptime}"), ("Configuration Attempt", "{.lastbackupstatus.lastbackupattempt}"));

    /// <summary>S3 target, id etcd-backup-s3-conf.</summary>
    public static ResourceKind<EtcdBackupS3ConfSpec> EtcdBackupS3Configs { get; } = new("EtcdBackupS3Configs.omni.sidero.dev", NS.Default, ("Bucket", "{.bucket}"), ("Region", "{.region}"), ("Endpoint", "{.endpoint}"), ("Access Key ID", "{.accesskeyid}"), ("Session Token", "{.sessiontoken}")) { IsUserManaged = true, Sensitivity = Sensitivity.Sensitive };

    /// <summary>Last backup per cluster.</summary>
    public static ResourceKind<EtcdBackupStatusSpec> EtcdBackupStatuses { get; } = new("EtcdBackupStatuses.omni.sidero.dev", NS.Metrics, ("Status", "{.status}"), ("Error", "{.error}"), ("Last Backup", "{.lastbackuptime}"), ("Last Backup Attempt", "{.lastbackupattempt}"));

    /// <summary>Store reachable?.</summary>
    public static ResourceKind<EtcdBackupStoreStatusSpec> EtcdBackupStoreStatuses { get; } = new("EtcdBackupStoreStatuses.omni.sidero.dev", NS.Ephemeral, ("Configuration Name", "{.configurationname}"), ("Configuration Error", "{.configurationerror}"));

    /// <summary>Backups found in the store.</summary>
    public static ResourceKind<EtcdBackupSpec> EtcdBackups { get; } = new("EtcdBackups.omni.sidero.dev", NS.External, ("Created At", "{.createdat}"), ("Snapshot", "{.snapshot}"));

    /// <summary>Request a backup now.</summary>
    public static ResourceKind<EtcdManualBackupSpec> EtcdManualBackups { get; } = new("EtcdManualBackups.omni.sidero.dev", NS.Ephemeral, ("Backup At", "{.backupat}")) { IsUserManaged = true };

    /// <summary>EULA accepted, create once.</summary>
    public static ResourceKind<EulaAcceptanceSpec> EulaAcceptances { get; } = new("EulaAcceptances.omni.sidero.dev", NS.Default, ("Name", "{.acceptedbyname}"), ("Email", "{.acceptedbyemail}"));

    /// <summary>Service exposed by annotation.</summary>
    public static ResourceKind<ExposedServiceSpec> ExposedServices { get; } = new("ExposedServices.omni.sidero.dev", NS.Default, ("Port", "{.port}"), ("Label", "{.label}"), ("URL", "{.url}"), ("Error", "{.error}"), ("Has Explicit Alias", "{.hasexplicitalias}"));

    /// <summary>System extensions for cluster/set/machine.</summary>
    public static ResourceKind<ExtensionsConfigurationSpec> ExtensionsConfigurations { get; } = new("ExtensionsConfigurations.omni.sidero.dev", NS.Default) { IsUserManaged = true };

    /// <summary>Instance feature flags, id features-config.</summary>
    public static ResourceKind<FeaturesConfigSpec> FeaturesConfigs { get; } = new("FeaturesConfigs.omni.sidero.dev", NS.Default, ("Workload Proxying", "{.enableworkloadproxying}"));

    /// <summary>Per-link gRPC tunnel switch.</summary>
    public static ResourceKind<GRPCTunnelConfigSpec> GRPCTunnelConfigs { get; } = new("GRPCTunnelConfigs.omni.sidero.dev", NS.Default) { IsUserManaged = true };

    /// <summary>E-mail -> user.</summary>
    public static ResourceKind<IdentitySpec> Identities { get; } = new("Identities.omni.sidero.dev", NS.Default);

    /// <summary>Last activity.</summary>
    public static ResourceKind<IdentityLastActiveSpec> IdentityLastActives { get; } = new("IdentityLastActives.omni.sidero.dev", NS.Metrics);

    /// <summary>Identity + role + last active.</summary>
    public static ResourceKind<IdentityStatusSpec> IdentityStatuses { get; } = new("IdentityStatuses.omni.sidero.dev", NS.Ephemeral, ("Role", "{.role}"), ("Last Active", "{.lastactive}"));

    /// <summary>Factory credentials.</summary>
    public static ResourceKind<ImageFactoryAuthSpec> ImageFactoryAuths { get; } = new("ImageFactoryAuths.omni.sidero.dev", NS.Default, ("Username", "{.username}"));

    /// <summary>Images to pre-pull.</summary>
    public static ResourceKind<ImagePullRequestSpec> ImagePullRequests { get; } = new("ImagePullRequests.omni.sidero.dev", NS.Default);

    /// <summary>Pre-pull progress.</summary>
    public static ResourceKind<ImagePullStatusSpec> ImagePullStatuses { get; } = new("ImagePullStatuses.omni.sidero.dev", NS.Default, ("Processed", "{.processedcount}"), ("Total", "{.totalcount}"), ("Last Node", "{.lastprocessednode}"), ("Last Image", "{.lastprocessedimage}"), ("Last Error", "{.lastprocessederror}"), ("Request Version", "{.requestversion}"));

    /// <summary>Secrets bundle for import.</summary>
    public static ResourceKind<ImportedClusterSecretsSpec> ImportedClusterSecrets { get; } = new("ImportedClusterSecrets.omni.sidero.dev", NS.Default);

    /// <summary>BMC settings of a machine.</summary>
    public static ResourceKind<InfraMachineBMCConfigSpec> InfraMachineBMCConfigs { get; } = new("InfraMachineBMCConfigs.omni.sidero.dev", NS.Default, ("IPMI Address", "{.ipmi.address}"), ("IPMI Username", "{.ipmi.username}")) { IsUserManaged = true };

    /// <summary>Acceptance, power, kernel args.</summary>
    public static ResourceKind<InfraMachineConfigSpec> InfraMachineConfigs { get; } = new("InfraMachineConfigs.omni.sidero.dev", NS.Default, ("Power State", "{.powerstate}"), ("Acceptance", "{.acceptancestatus}"), ("Extra Kernel Args", "{.extrakernelargs}"), ("Requested Reboot ID", "{.requestedrebootid}"), ("Cordoned", "{.cordoned}")) { IsUserManaged = true };

    /// <summary>Link seen, for providers.</summary>
    public static ResourceKind<MachineRegistrationSpec> InfraMachineRegistrations { get; } = new("InfraMachineRegistrations.omni.sidero.dev", NS.InfraProvider);

    /// <summary>Power and readiness from provider.</summary>
    public static ResourceKind<InfraMachineStatusSpec> InfraMachineStatuses { get; } = new("InfraMachineStatuses.omni.sidero.dev", NS.InfraProvider, ("Power State", "{.powerstate}"), ("Ready to Use", "{.readytouse}"), ("Last Reboot ID", "{.lastrebootid}"), ("Last Reboot At", "{.lastreboottimestamp}"), ("Installed", "{.installed}"));

    /// <summary>Desired state for static providers.</summary>
    public static ResourceKind<InfraMachineSpec> InfraMachines { get; } = new("InfraMachines.omni.sidero.dev", NS.InfraProvider, ("Preferred Power State", "{.preferredpowerstate}"), ("Acceptance", "{.acceptancestatus}"), ("Cluster Talos Version", "{.clustertalosversion}"), ("Extensions", "{.extensions}"), ("Wipe ID", "{.wipeid}"), ("Extra Kernel Args", "{.extrakernelargs}"), ("Requested Reboot ID", "{.requestedrebootid}"), ("Cordoned", "{.cordoned}"), ("Install Event ID", "{.installeventid}"));

    /// <summary>Provider info + health.</summary>
    public static ResourceKind<InfraProviderCombinedStatusSpec> InfraProviderCombinedStatuses { get; } = new("InfraProviderCombinedStatuses.omni.sidero.dev", NS.Ephemeral, ("Name", "{.name}"), ("Description", "{.description}"), ("Version", "{.version}"), ("Connected", "{.health.connected}"));

    /// <summary>Heartbeat.</summary>
    public static ResourceKind<InfraProviderHealthStatusSpec> InfraProviderHealthStatuses { get; } = new("InfraProviderHealthStatuses.omni.sidero.dev", NS.InfraProviderEphemeral, ("Last Heartbeat Timestamp", "{.lastheartbeattimestamp}"), ("Error", "{.error}"));

    /// <summary>Name, schema, icon of provider.</summary>
    public static ResourceKind<InfraProviderStatusSpec> InfraProviderStatuses { get; } = new("InfraProviderStatuses.omni.sidero.dev", NS.InfraProvider, ("Name", "{.name}"), ("Description", "{.description}"), ("Version", "{.version}"));

    /// <summary>Registered provider.</summary>
    public static ResourceKind<InfraProviderSpec> InfraProviders { get; } = new("InfraProviders.omni.sidero.dev", NS.InfraProvider) { IsUserManaged = true };

    /// <summary>Saved media preset.</summary>
    public static ResourceKind<InstallationMediaConfigSpec> InstallationMediaConfigs { get; } = new("InstallationMediaConfigs.omni.sidero.dev", NS.Default) { IsUserManaged = true };

    /// <summary>Known media kinds.</summary>
    public static ResourceKind<InstallationMediaSpec> InstallationMedias { get; } = new("InstallationMedias.omni.sidero.dev", NS.Ephemeral);

    /// <summary>Public signing keys; users may delete.</summary>
    public static ResourceKind<JWTPublicKeySpec> JWTPublicKeys { get; } = new("JWTPublicKeys.system.sidero.dev", NS.Oidc, ("Expiration", "{.expiration}"));

    /// <summary>State, use count, warnings.</summary>
    public static ResourceKind<JoinTokenStatusSpec> JoinTokenStatuses { get; } = new("JoinTokenStatuses.omni.sidero.dev", NS.Default);

    /// <summary>Which token a machine used.</summary>
    public static ResourceKind<JoinTokenUsageSpec> JoinTokenUsages { get; } = new("JoinTokenUsages.omni.sidero.dev", NS.Default);

    /// <summary>Join token.</summary>
    public static ResourceKind<JoinTokenSpec> JoinTokens { get; } = new("JoinTokens.omni.sidero.dev", NS.Default);

    /// <summary>Extra kernel arguments of a machine.</summary>
    public static ResourceKind<KernelArgsSpec> KernelArgs { get; } = new("KernelArgs.omni.sidero.dev", NS.Default, ("Args", "{.args}")) { IsUserManaged = true };

    /// <summary>Wanted vs. current arguments.</summary>
    public static ResourceKind<KernelArgsStatusSpec> KernelArgsStatuses { get; } = new("KernelArgsStatuses.omni.sidero.dev", NS.Default, ("Args", "{.args}"), ("Current Args", "{.currentargs}"), ("Unmet Conditions", "{.unmetconditions}"), ("Current Cmdline", "{.currentcmdline}"));

    /// <summary>Admin kubeconfig (secret).</summary>
    public static ResourceKind<KubeconfigSpec> Kubeconfigs { get; } = new("Kubeconfigs.omni.sidero.dev", NS.Default);

    /// <summary>Result of a health check.</summary>
    public static ResourceKind<KubernetesHealthCheckStatusSpec> KubernetesHealthCheckStatuses { get; } = new("KubernetesHealthCheckStatuses.omni.sidero.dev", NS.Ephemeral, ("State", "{.state}"), ("Error", "{.error}"));

    /// <summary>Job to run between upgrades.</summary>
    public static ResourceKind<KubernetesHealthCheckSpec> KubernetesHealthChecks { get; } = new("KubernetesHealthChecks.omni.sidero.dev", NS.Default) { IsUserManaged = true };

    /// <summary>Manifests synced to the cluster.</summary>
    public static ResourceKind<KubernetesManifestGroupSpec> KubernetesManifestGroups { get; } = new("KubernetesManifestGroups.omni.sidero.dev", NS.Default) { IsUserManaged = true };

    /// <summary>Stale nodes deleted.</summary>
    public static ResourceKind<KubernetesNodeAuditResultSpec> KubernetesNodeAuditResults { get; } = new("KubernetesNodeAuditResults.omni.sidero.dev", NS.Default, ("Deleted Nodes", "{.deletednodes}"));

    /// <summary>Carrier for the Kubernetes runtime, never stored.</summary>
    public static OpaqueKind KubernetesResources { get; } = new("KubernetesResources.omni.sidero.dev", NS.Default);

    /// <summary>Nodes and static pods.</summary>
    public static ResourceKind<KubernetesStatusSpec> KubernetesStatuses { get; } = new("KubernetesStatuses.omni.sidero.dev", NS.Default);

    /// <summary>Bootstrap manifests out of sync.</summary>
    public static ResourceKind<KubernetesUpgradeManifestStatusSpec> KubernetesUpgradeManifestStatuses { get; } = new("KubernetesUpgradeManifestStatuses.omni.sidero.dev", NS.Default);

    /// <summary>Upgrade phase and versions.</summary>
    public static ResourceKind<KubernetesUpgradeStatusSpec> KubernetesUpgradeStatuses { get; } = new("KubernetesUpgradeStatuses.omni.sidero.dev", NS.Default);

    /// <summary>CPU/memory/pods of cluster = id.</summary>
    public static ResourceKind<KubernetesUsageSpec> KubernetesUsages { get; } = new("KubernetesUsages.omni.sidero.dev", NS.Virtual);

    /// <summary>Known Kubernetes versions.</summary>
    public static ResourceKind<KubernetesVersionSpec> KubernetesVersions { get; } = new("KubernetesVersions.omni.sidero.dev", NS.Default);

    /// <summary>Labels in use on type = id.</summary>
    public static ResourceKind<LabelsCompletionSpec> LabelsCompletions { get; } = new("LabelsCompletions.omni.sidero.dev", NS.Virtual);

    /// <summary>WireGuard peer programmed.</summary>
    public static ResourceKind<LinkStatusSpec> LinkStatuses { get; } = new("LinkStatuses.omni.sidero.dev", NS.Ephemeral);

    /// <summary>SideroLink peer = known machine.</summary>
    public static ResourceKind<SiderolinkSpec> Links { get; } = new("Links.omni.sidero.dev", NS.Default, ("Connected", "{.connected}"), ("LastEndpoint", "{.lastendpoint}"));

    /// <summary>LB port and backends.</summary>
    public static ResourceKind<LoadBalancerConfigSpec> LoadBalancerConfigs { get; } = new("LoadBalancerConfigs.omni.sidero.dev", NS.Default);

    /// <summary>LB healthy?.</summary>
    public static ResourceKind<LoadBalancerStatusSpec> LoadBalancerStatuses { get; } = new("LoadBalancerStatuses.omni.sidero.dev", NS.Default, ("Healthy", "{.healthy}"));

    /// <summary>Selector or auto-provision template.</summary>
    public static ResourceKind<MachineClassSpec> MachineClasses { get; } = new("MachineClasses.omni.sidero.dev", NS.Default) { IsUserManaged = true };

    /// <summary>History of config changes.</summary>
    public static ResourceKind<MachineConfigDiffSpec> MachineConfigDiffs { get; } = new("MachineConfigDiffs.omni.sidero.dev", NS.Default);

    /// <summary>Initial config taken over?.</summary>
    public static ResourceKind<MachineConfigExtractionStatusSpec> MachineConfigExtractionStatuses { get; } = new("MachineConfigExtractionStatuses.omni.sidero.dev", NS.Default, ("Initialized", "{.initialized}"), ("Error", "{.error}"));

    /// <summary>Install disk/image for generation.</summary>
    public static ResourceKind<MachineConfigGenOptionsSpec> MachineConfigGenOptions { get; } = new("MachineConfigGenOptions.omni.sidero.dev", NS.Default);

    /// <summary>Wanted extensions of a machine.</summary>
    public static ResourceKind<MachineExtensionsSpec> MachineExtensions { get; } = new("MachineExtensions.omni.sidero.dev", NS.Default, ("Extensions", "{.extensions}"));

    /// <summary>Extension state of a machine.</summary>
    public static ResourceKind<MachineExtensionsStatusSpec> MachineExtensionsStatuses { get; } = new("MachineExtensionsStatuses.omni.sidero.dev", NS.Default, ("Extensions", "{.extensions}"));

    /// <summary>Wanted install disk.</summary>
    public static ResourceKind<MachineInstallDiskConfigSpec> MachineInstallDiskConfigs { get; } = new("MachineInstallDiskConfigs.omni.sidero.dev", NS.Default, ("Disk", "{.disk}"), ("Disk Selector", "{.diskselector}")) { IsUserManaged = true };

    /// <summary>Resolved install disk.</summary>
    public static ResourceKind<MachineInstallDiskStatusSpec> MachineInstallDiskStatuses { get; } = new("MachineInstallDiskStatuses.omni.sidero.dev", NS.Default, ("Disk", "{.disk}"), ("Message", "{.message}"));

    /// <summary>Rendered join config of a machine.</summary>
    public static ResourceKind<MachineJoinConfigSpec> MachineJoinConfigs { get; } = new("MachineJoinConfigs.omni.sidero.dev", NS.Default);

    /// <summary>User labels of a machine (labels only).</summary>
    public static ResourceKind<MachineLabelsSpec> MachineLabels { get; } = new("MachineLabels.omni.sidero.dev", NS.Default) { IsUserManaged = true };

    /// <summary>Diff waiting to be applied.</summary>
    public static ResourceKind<MachinePendingUpdatesSpec> MachinePendingUpdates { get; } = new("MachinePendingUpdates.omni.sidero.dev", NS.Default);

    /// <summary>Empty status.</summary>
    public static ResourceKind<MachineRequestSetStatusSpec> MachineRequestSetStatuses { get; } = new("MachineRequestSetStatuses.omni.sidero.dev", NS.Default);

    /// <summary>N machines from a provider.</summary>
    public static ResourceKind<MachineRequestSetSpec> MachineRequestSets { get; } = new("MachineRequestSets.omni.sidero.dev", NS.Default, ("ProviderID", "{.providerid}"), ("MachineCount", "{.machinecount}")) { IsUserManaged = true };

    /// <summary>Uuid and stage of a request.</summary>
    public static ResourceKind<MachineRequestStatusSpec> MachineRequestStatuses { get; } = new("MachineRequestStatuses.omni.sidero.dev", NS.InfraProvider);

    /// <summary>One machine wanted from a provider.</summary>
    public static ResourceKind<MachineRequestSpec> MachineRequests { get; } = new("MachineRequests.omni.sidero.dev", NS.InfraProvider, ("Talos Version", "{.talosversion}"));

    /// <summary>Config update lock counters.</summary>
    public static ResourceKind<MachineSetConfigStatusSpec> MachineSetConfigStatuses { get; } = new("MachineSetConfigStatuses.omni.sidero.dev", NS.Default);

    /// <summary>Progress text.</summary>
    public static ResourceKind<DestroyStatusSpec> MachineSetDestroyStatuses { get; } = new("MachineSetDestroyStatuses.omni.sidero.dev", NS.Ephemeral, ("Phase", "{.phase}"));

    /// <summary>Machine in a machine set.</summary>
    public static ResourceKind<MachineSetNodeSpec> MachineSetNodes { get; } = new("MachineSetNodes.omni.sidero.dev", NS.Default) { IsUserManaged = true };

    /// <summary>Phase and counts.</summary>
    public static ResourceKind<MachineSetStatusSpec> MachineSetStatuses { get; } = new("MachineSetStatuses.omni.sidero.dev", NS.Default);

    /// <summary>Control plane or worker group.</summary>
    public static ResourceKind<MachineSetSpec> MachineSets { get; } = new("MachineSets.omni.sidero.dev", NS.Default) { IsUserManaged = true };

    /// <summary>Labels mirror, empty spec.</summary>
    public static OpaqueKind MachineStatusLabels { get; } = new("MachineStatusLabels.omni.sidero.dev", NS.Default);

    /// <summary>MachineStatus + traffic counters.</summary>
    public static ResourceKind<MachineStatusLinkSpec> MachineStatusLinks { get; } = new("MachineStatusLinks.omni.sidero.dev", NS.Metrics, ("Bytes Received", "{.siderolinkcounter.bytesreceived}"), ("Bytes Sent", "{.siderolinkcounter.bytessent}"), ("Last Alive", "{.siderolinkcounter.lastalive}"));

    /// <summary>Machine counters.</summary>
    public static ResourceKind<MachineStatusMetricsSpec> MachineStatusMetrics { get; } = new("MachineStatusMetrics.omni.sidero.dev", NS.Ephemeral);

    /// <summary>Last Talos stage event.</summary>
    public static ResourceKind<MachineStatusSnapshotSpec> MachineStatusSnapshots { get; } = new("MachineStatusSnapshots.omni.sidero.dev", NS.Default);

    /// <summary>Hardware, network, version of a machine.</summary>
    public static ResourceKind<MachineStatusSpec> MachineStatuses { get; } = new("MachineStatuses.omni.sidero.dev", NS.Default);

    /// <summary>Maintenance-mode upgrade.</summary>
    public static ResourceKind<MachineUpgradeStatusSpec> MachineUpgradeStatuses { get; } = new("MachineUpgradeStatuses.omni.sidero.dev", NS.Default, ("Schematic ID", "{.schematicid}"), ("Talos Version", "{.talosversion}"), ("Phase", "{.phase}"), ("Status", "{.status}"), ("Error", "{.error}"));

    /// <summary>Registered machine.</summary>
    public static ResourceKind<MachineSpec> Machines { get; } = new("Machines.omni.sidero.dev", NS.Default, ("Address", "{.managementaddress}"), ("Connected", "{.connected}"));

    /// <summary>Last config applied in maintenance.</summary>
    public static ResourceKind<MaintenanceConfigStatusSpec> MaintenanceConfigStatuses { get; } = new("MaintenanceConfigStatuses.omni.sidero.dev", NS.Default, ("Public Key At Last Apply", "{.publickeyatlastapply}"));

    /// <summary>The metal platform, id metal.</summary>
    public static ResourceKind<PlatformConfigSpec> MetalPlatformConfigs { get; } = new("MetalPlatformConfigs.omni.sidero.dev", NS.Virtual);

    /// <summary>Registered namespaces.</summary>
    public static ResourceKind<NamespaceSpec> Namespaces { get; } = new("Namespaces.meta.cosi.dev", NS.Meta);

    /// <summary>Skip the graceful reset.</summary>
    public static ResourceKind<NodeForceDestroyRequestSpec> NodeForceDestroyRequests { get; } = new("NodeForceDestroyRequests.omni.sidero.dev", NS.Default) { IsUserManaged = true };

    /// <summary>Token state on the node.</summary>
    public static ResourceKind<NodeUniqueTokenStatusSpec> NodeUniqueTokenStatuses { get; } = new("NodeUniqueTokenStatuses.omni.sidero.dev", NS.Default);

    /// <summary>Per-machine join secret.</summary>
    public static ResourceKind<NodeUniqueTokenSpec> NodeUniqueTokens { get; } = new("NodeUniqueTokens.omni.sidero.dev", NS.Default);

    /// <summary>Banners for the UI.</summary>
    public static ResourceKind<NotificationSpec> Notifications { get; } = new("Notifications.omni.sidero.dev", NS.Ephemeral);

    /// <summary>Running upgrades etc. for the UI.</summary>
    public static ResourceKind<OngoingTaskSpec> OngoingTasks { get; } = new("OngoingTasks.omni.sidero.dev", NS.Ephemeral, ("Title", "{.title}"));

    /// <summary>Token installed on pending machine.</summary>
    public static ResourceKind<PendingMachineStatusSpec> PendingMachineStatuses { get; } = new("PendingMachineStatuses.omni.sidero.dev", NS.Ephemeral);

    /// <summary>Link not yet authenticated.</summary>
    public static ResourceKind<SiderolinkSpec> PendingMachines { get; } = new("PendingMachines.omni.sidero.dev", NS.Ephemeral);

    /// <summary>Caller's instance rights.</summary>
    public static ResourceKind<PermissionsSpec> Permissions { get; } = new("Permissions.omni.sidero.dev", NS.Virtual);

    /// <summary>Join token and config for a provider.</summary>
    public static ResourceKind<ProviderJoinConfigSpec> ProviderJoinConfigs { get; } = new("ProviderJoinConfigs.omni.sidero.dev", NS.InfraProvider);

    /// <summary>Last use of a key.</summary>
    public static ResourceKind<PublicKeyLastActiveSpec> PublicKeyLastActives { get; } = new("PublicKeyLastActives.omni.sidero.dev", NS.Metrics);

    /// <summary>Registered PGP/plain keys.</summary>
    public static ResourceKind<PublicKeySpec> PublicKeys { get; } = new("PublicKeys.omni.sidero.dev", NS.Default);

    /// <summary>Feature flags of Talos version = id.</summary>
    public static ResourceKind<QuirksSpec> Quirks { get; } = new("Quirks.omni.sidero.dev", NS.Virtual);

    /// <summary>Machine config without secrets.</summary>
    public static ResourceKind<RedactedClusterMachineConfigSpec> RedactedClusterMachineConfigs { get; } = new("RedactedClusterMachineConfigs.omni.sidero.dev", NS.Default);

    /// <summary>Registered types.</summary>
    public static ResourceKind<ResourceDefinitionSpec> ResourceDefinitions { get; } = new("ResourceDefinitions.meta.cosi.dev", NS.Meta, ("Aliases", "{.aliases[:]}"));

    /// <summary>Start Kubernetes CA rotation.</summary>
    public static ResourceKind<RotateKubernetesCASpec> RotateKubernetesCAs { get; } = new("RotateKubernetesCAs.omni.sidero.dev", NS.Default) { IsUserManaged = true };

    /// <summary>Start Talos CA rotation.</summary>
    public static ResourceKind<RotateTalosCASpec> RotateTalosCAs { get; } = new("RotateTalosCAs.omni.sidero.dev", NS.Default) { IsUserManaged = true };

    /// <summary>Assertion between callback and key confirm.</summary>
    public static ResourceKind<SAMLAssertionSpec> SAMLAssertions { get; } = new("SAMLAssertions.omni.sidero.dev", NS.Default);

    /// <summary>Role from SAML labels.</summary>
    public static ResourceKind<SAMLLabelRuleSpec> SAMLLabelRules { get; } = new("SAMLLabelRules.omni.sidero.dev", NS.Default, ("Role On Registration", "{.assignroleonregistration}"), ("Match Labels", "{.matchlabels}")) { IsUserManaged = true };

    /// <summary>One per single-board computer.</summary>
    public static ResourceKind<SBCConfigSpec> SBCConfigs { get; } = new("SBCConfigs.omni.sidero.dev", NS.Virtual);

    /// <summary>Schematic of a machine.</summary>
    public static ResourceKind<SchematicConfigurationSpec> SchematicConfigurations { get; } = new("SchematicConfigurations.omni.sidero.dev", NS.Default, ("Schematic ID", "{.schematicid}"), ("Talos Version", "{.talosversion}"));

    /// <summary>Old/new CA while rotating.</summary>
    public static ResourceKind<SecretRotationSpec> SecretRotations { get; } = new("SecretRotations.omni.sidero.dev", NS.Default);

    /// <summary>Service account, role, keys.</summary>
    public static ResourceKind<ServiceAccountStatusSpec> ServiceAccountStatuses { get; } = new("ServiceAccountStatuses.omni.sidero.dev", NS.Ephemeral);

    /// <summary>Advertised SideroLink endpoints.</summary>
    public static ResourceKind<SiderolinkAPIConfigSpec> SiderolinkAPIConfigs { get; } = new("SiderolinkAPIConfigs.omni.sidero.dev", NS.Default);

    /// <summary>Support entitlement, office hours.</summary>
    public static ResourceKind<SupportSpec> Supports { get; } = new("Supports.omni.sidero.dev", NS.Virtual, ("SupportEnabled", "{.supportenabled}"));

    /// <summary>Backend version, API version, instance name; id current.</summary>
    public static ResourceKind<SysVersionSpec> SysVersions { get; } = new("SysVersions.system.sidero.dev", NS.Ephemeral);

    /// <summary>Admin talosconfig (secret).</summary>
    public static ResourceKind<TalosConfigSpec> TalosConfigs { get; } = new("TalosConfigs.omni.sidero.dev", NS.Default);

    /// <summary>Extensions of a Talos version.</summary>
    public static ResourceKind<TalosExtensionsSpec> TalosExtensions { get; } = new("TalosExtensions.omni.sidero.dev", NS.Default);

    /// <summary>Upgrade phase and versions.</summary>
    public static ResourceKind<TalosUpgradeStatusSpec> TalosUpgradeStatuses { get; } = new("TalosUpgradeStatuses.omni.sidero.dev", NS.Default);

    /// <summary>Known Talos versions.</summary>
    public static ResourceKind<TalosVersionSpec> TalosVersions { get; } = new("TalosVersions.omni.sidero.dev", NS.Default, ("Kubernetes Versions", "{.compatiblekubernetesversions}"));

    /// <summary>Machines now upgrading per set.</summary>
    public static ResourceKind<UpgradeRolloutSpec> UpgradeRollouts { get; } = new("UpgradeRollouts.omni.sidero.dev", NS.Ephemeral);

    /// <summary>Role of a user.</summary>
    public static ResourceKind<UserSpec> Users { get; } = new("Users.omni.sidero.dev", NS.Default);

    /// <summary>All kinds, ordered by type.</summary>
    public static IReadOnlyList<ResourceKind> All { get; } =
    [
        AccessPolicies,
        AdvertisedEndpoints,
        AuthConfigs,
        BMCConfigs,
        BackupDatas,
        CertRefreshTicks,
        CloudPlatformConfigs,
        ClusterBootstrapStatuses,
        ClusterConfigVersions,
        ClusterDestroyStatuses,
        ClusterDiagnostics,
        ClusterEndpoints,
        ClusterKubernetesManifestsStatuses,
        ClusterKubernetesNodes,
        ClusterMachineConfigPatches,
        ClusterMachineConfigStatuses,
        ClusterMachineConfigs,
        ClusterMachineEncryptionKeys,
        ClusterMachineIdentities,
        ClusterMachineRequestStatuses,
        ClusterMachineSecrets,
        ClusterMachineStatuses,
        ClusterMachineTalosVersions,
        ClusterMachines,
        ClusterMetrics,
        ClusterPermissions,
        ClusterSecrets,
        ClusterSecretsRotationStatuses,
        ClusterStatusMetrics,
        ClusterStatuses,
        ClusterTaints,
        ClusterUUIDs,
        ClusterWorkloadProxyStatuses,
        Clusters,
        ConfigPatchRequests,
        ConfigPatches,
        Configs,
        ConnectionParams,
        ControlPlaneStatuses,
        CurrentUsers,
        DBVersions,
        DefaultJoinTokens,
        DiscoveryAffiliateDeleteTasks,
        EtcdAuditResults,
        EtcdBackupEncryptions,
        EtcdBackupOverallStatuses,
        EtcdBackupS3Configs,
        EtcdBackupStatuses,
        EtcdBackupStoreStatuses,
        EtcdBackups,
        EtcdManualBackups,
        EulaAcceptances,
        ExposedServices,
        ExtensionsConfigurations,
        FeaturesConfigs,
        GRPCTunnelConfigs,
        Identities,
        IdentityLastActives,
        IdentityStatuses,
        ImageFactoryAuths,
        ImagePullRequests,
        ImagePullStatuses,
        ImportedClusterSecrets,
        InfraMachineBMCConfigs,
        InfraMachineConfigs,
        InfraMachineRegistrations,
        InfraMachineStatuses,
        InfraMachines,
        InfraProviderCombinedStatuses,
        InfraProviderHealthStatuses,
        InfraProviderStatuses,
        InfraProviders,
        InstallationMediaConfigs,
        InstallationMedias,
        JWTPublicKeys,
        JoinTokenStatuses,
        JoinTokenUsages,
        JoinTokens,
        KernelArgs,
        KernelArgsStatuses,
        Kubeconfigs,
        KubernetesHealthCheckStatuses,
        KubernetesHealthChecks,
        KubernetesManifestGroups,
        KubernetesNodeAuditResults,
        KubernetesResources,
        KubernetesStatuses,
        KubernetesUpgradeManifestStatuses,
        KubernetesUpgradeStatuses,
        KubernetesUsages,
        KubernetesVersions,
        LabelsCompletions,
        LinkStatuses,
        Links,
        LoadBalancerConfigs,
        LoadBalancerStatuses,
        MachineClasses,
        MachineConfigDiffs,
        MachineConfigExtractionStatuses,
        MachineConfigGenOptions,
        MachineExtensions,
        MachineExtensionsStatuses,
        MachineInstallDiskConfigs,
        MachineInstallDiskStatuses,
        MachineJoinConfigs,
        MachineLabels,
        MachinePendingUpdates,
        MachineRequestSetStatuses,
        MachineRequestSets,
        MachineRequestStatuses,
        MachineRequests,
        MachineSetConfigStatuses,
        MachineSetDestroyStatuses,
        MachineSetNodes,
        MachineSetStatuses,
        MachineSets,
        MachineStatusLabels,
        MachineStatusLinks,
        MachineStatusMetrics,
        MachineStatusSnapshots,
        MachineStatuses,
        MachineUpgradeStatuses,
        Machines,
        MaintenanceConfigStatuses,
        MetalPlatformConfigs,
        Namespaces,
        NodeForceDestroyRequests,
        NodeUniqueTokenStatuses,
        NodeUniqueTokens,
        Notifications,
        OngoingTasks,
        PendingMachineStatuses,
        PendingMachines,
        Permissions,
        ProviderJoinConfigs,
        PublicKeyLastActives,
        PublicKeys,
        Quirks,
        RedactedClusterMachineConfigs,
        ResourceDefinitions,
        RotateKubernetesCAs,
        RotateTalosCAs,
        SAMLAssertions,
        SAMLLabelRules,
        SBCConfigs,
        SchematicConfigurations,
        SecretRotations,
        ServiceAccountStatuses,
        SiderolinkAPIConfigs,
        Supports,
        SysVersions,
        TalosConfigs,
        TalosExtensions,
        TalosUpgradeStatuses,
        TalosVersions,
        UpgradeRollouts,
        Users,
    ];

    private static FrozenDictionary<string, ResourceKind> ByType { get; } = All.ToFrozenDictionary(kind => kind.Type, StringComparer.Ordinal);

    /// <summary>The kind of a type; null when it isn't registered.</summary>
    public static ResourceKind? Find(string type) => ByType.GetValueOrDefault(type);
}
