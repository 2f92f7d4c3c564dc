namespace Fleethold.Server.Configuration.Table;

/// <summary>The keys below <c>services:</c>.</summary>
internal static class ServiceKeys
{
    private const string Discovery = "services.embeddedDiscoveryService.enabled";
    private const string Workload = "services.workloadProxy.enabled";

    public static IReadOnlyList<ConfigurationKey> All { get; } =
    [
        new("services.api.endpoint", "--bind-addr", KeyType.Endpoint, "0.0.0.0:8080", Feature.Edge,
            "address of the main listener: API, web pages, OIDC issuer")
        { MustNotBeEmpty = true, OwnDefault = "0.0.0.0:443", OtherFlags = ["--listen"] },
        new("services.api.advertisedURL", "--advertised-api-url", KeyType.Url, "http://localhost:8080", Feature.Edge,
            "URL under which people and tools reach the main listener")
        { MustNotBeEmpty = true, OwnDefault = "https://localhost" },
        new("services.api.certFile", "--cert", KeyType.Path, null, Feature.Edge, "TLS certificate (PEM) of the main listener"),
        new("services.api.keyFile", "--key", KeyType.Path, null, Feature.Edge, "TLS key (PEM) of the main listener"),
        new("services.devServerProxy.proxyTo", "--frontend-dst", KeyType.Url, null, Feature.UiProxy, "development server of the web pages")
        { IsHidden = true },
        new("services.metrics.endpoint", "--metrics-bind-addr", KeyType.Endpoint, "0.0.0.0:2122", Feature.Metrics,
            "address of the Prometheus listener")
        { MustNotBeEmpty = true },
        new("services.metrics.advertisedURL", null, KeyType.Url, null, Feature.Metrics, "URL of the Prometheus listener; nothing reads it"),
        new("services.metrics.certFile", null, KeyType.Path, null, Feature.Metrics, "TLS certificate (PEM) of the Prometheus listener"),
        new("services.metrics.keyFile", null, KeyType.Path, null, Feature.Metrics, "TLS key (PEM) of the Prometheus listener"),
        new("services.kubernetesProxy.endpoint", "--k8s-proxy-bind-addr", KeyType.Endpoint, "0.0.0.0:8095", Feature.KubernetesProxy,
            "address of the listener that forwards to the Kubernetes APIs of clusters")
        { MustNotBeEmpty = true },
        new("services.kubernetesProxy.advertisedURL", "--advertised-kubernetes-proxy-url", KeyType.Url, "https://localhost:8095",
            Feature.KubernetesProxy, "https URL of that listener, written into kubeconfigs")
        { MustNotBeEmpty = true },
        new("services.kubernetesProxy.certFile", null, KeyType.Path, null, Feature.KubernetesProxy,
            "TLS certificate (PEM) of that listener; the one of the main listener if empty"),
        new("services.kubernetesProxy.keyFile", null, KeyType.Path, null, Feature.KubernetesProxy,
            "TLS key (PEM) of that listener; the one of the main listener if empty"),
        new("services.kubernetesProxy.oidcCacheBaseDir", "--kubeconfig-oidc-cache-base-dir", KeyType.Path, null, Feature.KubernetesProxy,
            "folder of the token cache of kubelogin, written into kubeconfigs"),
        new("services.kubernetesProxy.oidcCacheIsolation", "--kubeconfig-oidc-cache-isolation", KeyType.Switch, null,
            Feature.KubernetesProxy, "give each context its own folder in that cache"),
        new("services.siderolink.wireGuard.endpoint", "--siderolink-wireguard-bind-addr", KeyType.IpEndpoint, "0.0.0.0:50180",
            Feature.SideroLink, "UDP address of the WireGuard listener")
        { MustNotBeEmpty = true, OwnDefault = "0.0.0.0:51820" },
        new("services.siderolink.wireGuard.advertisedEndpoint", "--siderolink-wireguard-advertised-addr", KeyType.Text, null,
            Feature.SideroLink, "host:port that machines dial, several separated by commas; the local address with the port of the listener if empty"),
        new("services.siderolink.joinTokensMode", "--join-tokens-mode", KeyType.Text, "legacyAllowed", Feature.SideroLink,
            "which join tokens machines may use")
        { Values = ["strict", "legacyAllowed", "legacy"] },
        new("services.siderolink.disableLastEndpoint", "--siderolink-disable-last-endpoint", KeyType.Switch, null, Feature.SideroLink,
            "after a restart, wait for machines to dial instead of dialing their last address; only an explicit false dials"),
        new("services.siderolink.useGRPCTunnel", "--siderolink-use-grpc-tunnel", KeyType.Switch, null, Feature.SideroLink,
            "carry WireGuard of every machine over gRPC"),
        new("services.siderolink.eventSinkPort", "--event-sink-port", KeyType.Port, "8090", Feature.SideroLink,
            "TCP port, inside the tunnel, of the receiver of machine events"),
        new("services.siderolink.logServerPort", "--log-server-port", KeyType.Port, "8092", Feature.SideroLink,
            "TCP port, inside the tunnel, of the receiver of machine logs"),
        new("services.siderolink.bandwidthLimitMbps", "--siderolink-bandwidth-limit-mbps", KeyType.Integer, null, Feature.SideroLink,
            "limit of all tunnel traffic in Mbit/s; 0 for none"),
        new("services.siderolink.bandwidthLimitBurstBytes", "--siderolink-bandwidth-limit-burst-bytes", KeyType.Integer, null,
            Feature.SideroLink, "burst above that limit in bytes; 0 for one second's worth"),
        new("services.machineAPI.endpoint", "--machine-api-bind-addr", KeyType.Endpoint, null, Feature.SideroLink,
            "address of the listener where machines register; with an Omni file the local address with port 8090 if empty, "
            + "otherwise the main listener")
        { OldFlags = ["--siderolink-api-bind-addr"] },
        new("services.machineAPI.advertisedURL", "--machine-api-advertised-url", KeyType.Text, null, Feature.SideroLink,
            "URL (grpc:// or https://) that machines are told to register at")
        { OldFlags = ["--siderolink-api-advertised-url"] },
        new("services.machineAPI.certFile", "--machine-api-cert", KeyType.Path, null, Feature.SideroLink, "TLS certificate (PEM) of that listener")
        { OldFlags = ["--siderolink-api-cert"] },
        new("services.machineAPI.keyFile", "--machine-api-key", KeyType.Path, null, Feature.SideroLink, "TLS key (PEM) of that listener")
        { OldFlags = ["--siderolink-api-key"] },
        new("services.localResourceService.enabled", "--local-resource-server-enabled", KeyType.Switch, "true", Feature.LocalResources,
            "serve resources to programs on this machine, read-only and without sign-in"),
        new("services.localResourceService.port", "--local-resource-server-port", KeyType.Port, "8081", Feature.LocalResources,
            "TCP port of that service, on 127.0.0.1"),
        new(Discovery, "--embedded-discovery-service-enabled", KeyType.Switch, "true", Feature.Discovery,
            "offer the discovery service of Talos inside the tunnel"),
        new("services.embeddedDiscoveryService.port", "--embedded-discovery-service-port", KeyType.Port, "8093", Feature.Discovery,
            "TCP port of the discovery service, inside the tunnel")
        { Gate = Discovery, OldFlags = ["--embedded-discovery-service-endpoint"] },
        new("services.embeddedDiscoveryService.snapshotsEnabled", "--embedded-discovery-service-snapshots-enabled", KeyType.Switch, "true",
            Feature.Discovery, "keep the state of the discovery service over a restart")
        { Gate = Discovery },
        new("services.embeddedDiscoveryService.snapshotsInterval", "--embedded-discovery-service-snapshot-interval", KeyType.Duration,
            "10m0s", Feature.Discovery, "time between two snapshots of that state")
        { Gate = Discovery },
        new("services.embeddedDiscoveryService.logLevel", "--embedded-discovery-service-log-level", KeyType.Text, "warn", Feature.Discovery,
            "log level of the discovery service")
        { Gate = Discovery },
        new("services.embeddedDiscoveryService.sqliteTimeout", "--embedded-discovery-service-sqlite-timeout", KeyType.Duration, "30s",
            Feature.Discovery, "longest database call of the discovery service")
        { Gate = Discovery },
        new("services.loadBalancer.minPort", "--lb-min-port", KeyType.Port, "10000", Feature.LoadBalancer,
            "first port of the load balancers of clusters"),
        new("services.loadBalancer.maxPort", "--lb-max-port", KeyType.Port, "35000", Feature.LoadBalancer,
            "last port of the load balancers of clusters"),
        new("services.loadBalancer.dialTimeout", null, KeyType.Duration, "15s", Feature.LoadBalancer, "longest connect to a control plane"),
        new("services.loadBalancer.keepAlivePeriod", null, KeyType.Duration, "30s", Feature.LoadBalancer, "TCP keep-alive period"),
        new("services.loadBalancer.tcpUserTimeout", null, KeyType.Duration, "30s", Feature.LoadBalancer, "TCP user timeout"),
        new("services.loadBalancer.healthCheckInterval", null, KeyType.Duration, "20s", Feature.LoadBalancer,
            "time between two checks of a control plane"),
        new("services.loadBalancer.healthCheckTimeout", null, KeyType.Duration, "15s", Feature.LoadBalancer, "longest check of a control plane"),
        new("services.workloadProxy.subdomain", "--workload-proxying-subdomain", KeyType.Text, "proxy-us", Feature.WorkloadProxy,
            "wildcard label of exposed services")
        { Gate = Workload },
        new(Workload, "--workload-proxying-enabled", KeyType.Switch, "true", Feature.WorkloadProxy, "make services of clusters reachable by exposed names"),
        new("services.workloadProxy.stopLBsAfter", "--workload-proxying-stop-lbs-after", KeyType.Duration, "5m0s", Feature.WorkloadProxy,
            "idle time after which the forwarder of a cluster is stopped")
        { Gate = Workload },
        new("services.workloadProxy.useOmniSubdomain", "--workload-proxying-use-omni-subdomain", KeyType.Switch, null,
            Feature.WorkloadProxy, "put the wildcard below the instance's domain instead of beside it")
        { Gate = Workload },
    ];
}
