namespace Fleethold.Server.Configuration.Table;

/// <summary>The keys below <c>etcdBackup:</c>, <c>registries:</c>, <c>features:</c>, <c>debug:</c> and <c>support:</c>.</summary>
internal static class FleetKeys
{
    public static IReadOnlyList<ConfigurationKey> All { get; } =
    [
        new("etcdBackup.localPath", "--etcd-backup-local-path", KeyType.Path, null, Feature.ClusterBackups, "folder for backups of clusters"),
        new("etcdBackup.s3Enabled", "--etcd-backup-s3", KeyType.Switch, null, Feature.ClusterBackups, "put backups of clusters into S3"),
        new("etcdBackup.tickInterval", "--etcd-backup-tick-interval", KeyType.Duration, "1m0s", Feature.ClusterBackups,
            "time between two looks at what is due"),
        new("etcdBackup.minInterval", "--etcd-backup-min-interval", KeyType.Duration, "1h0m0s", Feature.ClusterBackups,
            "shortest interval that a cluster may ask for"),
        new("etcdBackup.maxInterval", "--etcd-backup-max-interval", KeyType.Duration, "24h0m0s", Feature.ClusterBackups,
            "longest interval that a cluster may ask for"),
        new("etcdBackup.uploadLimitMbps", "--etcd-backup-upload-limit-mbps", KeyType.Integer, null, Feature.ClusterBackups,
            "limit of uploads in Mbit/s; 0 for none"),
        new("etcdBackup.downloadLimitMbps", "--etcd-backup-download-limit-mbps", KeyType.Integer, null, Feature.ClusterBackups,
            "limit of downloads in Mbit/s; 0 for none"),
        new("etcdBackup.jitter", "--etcd-backup-jitter", KeyType.Duration, "10m0s", Feature.ClusterBackups, "random shift of the interval"),
        new("registries.talos", "--talos-installer-registry", KeyType.Text, "ghcr.io/siderolabs/installer", Feature.Images,
            "repository of the installer of machines whose image no factory made")
        { MustNotBeEmpty = true },
        new("registries.kubernetes", "--kubernetes-registry", KeyType.Text, "ghcr.io/siderolabs/kubelet", Feature.Images,
            "repository of the kubelet; its tags are the versions of Kubernetes")
        { MustNotBeEmpty = true },
        new("registries.imageFactoryBaseURL", "--image-factory-address", KeyType.Url, "https://factory.talos.dev", Feature.Images,
            "old name of registries.factories.primary.url")
        { ReplacedBy = "registries.factories.primary.url" },
        new("registries.imageFactoryPXEBaseURL", "--image-factory-pxe-address", KeyType.Url, null, Feature.Images,
            "old name of registries.factories.primary.pxeURL")
        { ReplacedBy = "registries.factories.primary.pxeURL" },
        new("registries.imageFactoryUsername", "--image-factory-username", KeyType.Text, null, Feature.Images,
            "old name of registries.factories.primary.username")
        { ReplacedBy = "registries.factories.primary.username", Variable = "OMNI_IMAGE_FACTORY_USERNAME" },
        new("registries.imageFactoryPassword", "--image-factory-password", KeyType.Text, null, Feature.Images,
            "old name of registries.factories.primary.password")
        { ReplacedBy = "registries.factories.primary.password", Variable = "OMNI_IMAGE_FACTORY_PASSWORD", IsSecret = true },
        .. Factory("primary"),
        .. Factory("secondary"),
        new("registries.mirrors", "--registry-mirror", KeyType.List, null, Feature.Images, "mirrors of registries, host=url"),
        new("features.enableTalosPreReleaseVersions", "--enable-talos-pre-release-versions", KeyType.Switch, null, Feature.Upgrades,
            "offer alpha, beta and release-candidate versions of Talos"),
        new("features.enableBreakGlassConfigs", "--enable-break-glass-configs", KeyType.Switch, null, Feature.BreakGlass,
            "let admins get credentials that bypass this server"),
        new("features.enableConfigDataCompression", "--config-data-compression-enabled", KeyType.Switch, "true", Feature.MachineConfigs,
            "compress machine configurations in the store"),
        new("features.enableClusterImport", "--enable-cluster-import", KeyType.Switch, "true", Feature.Import, "let people import clusters"),
        new("features.disableControllerRuntimeCache", "--disable-controller-runtime-cache", KeyType.Switch, null, Feature.Storage,
            "let controllers read the store directly; never done here")
        { Asks = Asks.NeverButWarns, NoEffect = "memory is the working copy of the store, there is no cache that could be stale" },
        new("debug.server.endpoint", "--debug-server-endpoint", KeyType.Endpoint, ":9988", Feature.Logs, "listener of Omni's debug builds; ignored")
        { IsHidden = true, Asks = Asks.NeverButWarns, NoEffect = "it is for debug builds of Omni" },
        new("debug.pprof.endpoint", "--pprof-bind-addr", KeyType.Endpoint, null, Feature.Pprof, "listener for Go profiles")
        { IsHidden = true },
        new("support.supportEligibleProducts", "--support-eligible-products", KeyType.List, """["business", "enterprise", "edge"]""",
            Feature.Billing, "products with a support contract")
        { IsHidden = true, Asks = Asks.NeverButWarns, NoEffect = "there are no paid products here" },
        OfficeHours("summary", "summary", "title"),
        OfficeHours("description", "description", "description"),
        OfficeHours("dtstartTzid", "dtstart-tzid", "start with time zone"),
        OfficeHours("dtendTzid", "dtend-tzid", "end with time zone"),
        OfficeHours("dtstartUtc", "dtstart-utc", "start in UTC"),
        OfficeHours("dtendUtc", "dtend-utc", "end in UTC"),
        OfficeHours("rrule", "rrule", "recurrence"),
        OfficeHours("meetUrl", "meet-url", "URL"),
    ];

    private static IEnumerable<ConfigurationKey> Factory(string name)
    {
        var variable = $"OMNI_{name.ToUpperInvariant()}_FACTORY_";
        return
        [
            new($"registries.factories.{name}.url", $"--{name}-factory-url", KeyType.Url, null, Feature.Images, $"URL of the {name} image factory"),
            new($"registries.factories.{name}.pxeURL", $"--{name}-factory-pxe-url", KeyType.Url, null, Feature.Images,
                $"URL for network boot from the {name} image factory; its host with pxe. before it if empty"),
            new($"registries.factories.{name}.username", $"--{name}-factory-username", KeyType.Text, null, Feature.Images,
                $"user at the {name} image factory")
            { Variable = variable + "USERNAME" },
            new($"registries.factories.{name}.password", $"--{name}-factory-password", KeyType.Text, null, Feature.Images,
                $"password of that user")
            { Variable = variable + "PASSWORD", IsSecret = true },
        ];
    }

    // Omni's defaults are its vendor's meeting, which is no default of ours.
    private static ConfigurationKey OfficeHours(string key, string flag, string what) =>
        new($"support.officeHours.{key}", $"--office-hours-{flag}", KeyType.Text, null, Feature.HelpDialog, $"{what} of the support meeting in the help dialog");
}
