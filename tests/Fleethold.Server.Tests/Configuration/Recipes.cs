namespace Fleethold.Server.Tests.Configuration;

/// <summary>Configuration files as operators of Omni have them.</summary>
internal static class Recipes
{
    /// <summary>One machine, own certificates, an external issuer.</summary>
    public const string OnPremises =
        """
        account:
          id: 7d2c9bb7-5d1f-4c1e-8f0a-3b6f2f6f9c11
          name: onprem-omni
        services:
          api:
            endpoint: 0.0.0.0:443
            advertisedURL: https://omni.example.org/
            certFile: /tls.crt
            keyFile: /tls.key
          metrics:
            endpoint: 0.0.0.0:2123
          kubernetesProxy:
            endpoint: 0.0.0.0:8100
            advertisedURL: https://omni.example.org:8100/
            certFile: /tls.crt
            keyFile: /tls.key
          siderolink:
            wireGuard:
              endpoint: 0.0.0.0:50180
              advertisedEndpoint: 192.0.2.10:50180
            joinTokensMode: strict
            eventSinkPort: 8091
          machineAPI:
            endpoint: 0.0.0.0:8090
            advertisedURL: https://omni.example.org:8090/
            certFile: /tls.crt
            keyFile: /tls.key
          localResourceService:
            enabled: true
            port: 8081
          workloadProxy:
            enabled: false
            subdomain: omni-workload
        auth:
          auth0:
            enabled: false
          oidc:
            enabled: true
            providerURL: https://auth.example.org:5556
            clientID: omni
            clientSecret: not-so-secret
            scopes: [openid, profile, email]
          initialUsers:
            - admin@example.org
        logs:
          level: info
          audit:
            enabled: true
        storage:
          default:
            kind: etcd
            etcd:
              embedded: true
              embeddedDBPath: /data/etcd/
              privateKeySource: file:///omni.asc
          sqlite:
            path: /data/secondary-storage/sqlite.db
        etcdBackup:
          localPath: /data/etcd-backup
        registries:
          talos: ghcr.io/siderolabs/installer
        eulaAccept:
          name: Jane Doe
          email: jane@example.org
        """;

    /// <summary>The parts of a file behind a proxy that ends TLS which concern the API, storage and keys.</summary>
    public const string BehindAProxy =
        """
        account:
          id: 7d2c9bb7-5d1f-4c1e-8f0a-3b6f2f6f9c11
          name: proxied-omni
        services:
          api:
            endpoint: 0.0.0.0:8080
            advertisedURL: https://omni.example.org
          workloadProxy:
            enabled: false
        storage:
          default:
            etcd:
              privateKeySource: "file:///omni.asc"
          sqlite:
            path: /data/sqlite.db
            experimentalBaseParams: "_txlock=immediate&_pragma=busy_timeout(50000)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)"
        """;
}
