namespace Fleethold.Server.Configuration.Table;

/// <summary>The keys below <c>auth:</c>.</summary>
internal static class AuthKeys
{
    private const string Auth0 = "auth.auth0.enabled";
    private const string Saml = "auth.saml.enabled";
    private const string Oidc = "auth.oidc.enabled";
    private const string ServiceAccount = "auth.initialServiceAccount.enabled";

    public static IReadOnlyList<ConfigurationKey> All { get; } =
    [
        new("auth.auth0.initialUsers", null, KeyType.List, null, Feature.Users, "old name of auth.initialUsers")
        { ReplacedBy = "auth.initialUsers" },
        new("auth.auth0.domain", "--auth-auth0-domain", KeyType.Text, null, Feature.Auth0, "domain of the Auth0 tenant") { Gate = Auth0 },
        new("auth.auth0.clientID", "--auth-auth0-client-id", KeyType.Text, null, Feature.Auth0, "client at Auth0") { Gate = Auth0 },
        new("auth.auth0.useFormData", "--auth-auth0-use-form-data", KeyType.Switch, null, Feature.Auth0, "send token requests as forms")
        { Gate = Auth0 },
        new(Auth0, "--auth-auth0-enabled", KeyType.Switch, null, Feature.Auth0, "let people sign in with Auth0"),
        new("auth.webauthn.enabled", "--auth-webauthn-enabled", KeyType.Switch, null, Feature.WebAuthn, "let people sign in with passkeys"),
        new("auth.webauthn.required", "--auth-webauthn-required", KeyType.Switch, null, Feature.WebAuthn, "let people sign in with passkeys only"),
        new("auth.saml.labelRules", "--auth-saml-label-rules", KeyType.Map, null, Feature.Saml, "assertion attributes that become identity labels")
        { Gate = Saml },
        new("auth.saml.attributeRules", "--auth-saml-attribute-rules", KeyType.Map, null, Feature.Saml,
            "assertion attributes with the identity and the names of a person")
        { Gate = Saml },
        new("auth.saml.url", "--auth-saml-url", KeyType.Url, null, Feature.Saml, "URL of the provider's metadata") { Gate = Saml },
        new("auth.saml.metadata", "--auth-saml-metadata", KeyType.Path, null, Feature.Saml, "file with the provider's metadata") { Gate = Saml },
        new("auth.saml.nameIDFormat", "--auth-saml-name-id-format", KeyType.Text, null, Feature.Saml, "NameID format") { Gate = Saml },
        new(Saml, "--auth-saml-enabled", KeyType.Switch, null, Feature.Saml, "let people sign in with SAML"),
        new("auth.oidc.providerURL", "--auth-oidc-provider-url", KeyType.Url, null, Feature.Oidc, "issuer") { Gate = Oidc },
        new("auth.oidc.clientID", "--auth-oidc-client-id", KeyType.Text, null, Feature.Oidc, "client at the issuer") { Gate = Oidc },
        new("auth.oidc.clientSecret", "--auth-oidc-client-secret", KeyType.Text, null, Feature.Oidc, "secret of that client")
        { Gate = Oidc, IsSecret = true },
        new("auth.oidc.logoutURL", "--auth-oidc-logout-url", KeyType.Url, null, Feature.Oidc, "where the issuer signs people out") { Gate = Oidc },
        new("auth.oidc.scopes", "--auth-oidc-scopes", KeyType.List, null, Feature.Oidc, "scopes to ask for") { Gate = Oidc },
        new(Oidc, "--auth-oidc-enabled", KeyType.Switch, null, Feature.Oidc, "let people sign in with OIDC"),
        new("auth.oidc.allowUnverifiedEmail", "--auth-oidc-allow-unverified-email", KeyType.Switch, null, Feature.Oidc,
            "accept people whose e-mail address the issuer hasn't verified")
        { Gate = Oidc },
        new("auth.initialUsers", "--initial-users", KeyType.List, null, Feature.Users, "e-mail addresses of admins, created while there is no user"),
        new("auth.recoveryAdmin", "--recovery-admin", KeyType.Text, null, Feature.Users, "user who is made Admin at every start"),
        new("auth.keyPruner.interval", "--public-key-pruning-interval", KeyType.Duration, "10m0s", Feature.Users,
            "time between two removals of expired public keys"),
        new("auth.suspended", "--suspended", KeyType.Switch, null, Feature.Suspension, "refuse all writes and say so"),
        new("auth.initialServiceAccount.role", "--initial-service-account-role", KeyType.Text, "Admin", Feature.ServiceAccounts,
            "role of the initial service account")
        { Gate = ServiceAccount },
        new("auth.initialServiceAccount.keyPath", "--initial-service-account-key-path", KeyType.Path, "_out/initial-service-account-key",
            Feature.ServiceAccounts, "file that gets its key")
        { Gate = ServiceAccount },
        new("auth.initialServiceAccount.name", null, KeyType.Text, "automation", Feature.ServiceAccounts, "its name") { Gate = ServiceAccount },
        new("auth.initialServiceAccount.lifetime", "--initial-service-account-lifetime", KeyType.Duration, "1h0m0s", Feature.ServiceAccounts,
            "lifetime of its key")
        { Gate = ServiceAccount },
        new(ServiceAccount, "--create-initial-service-account", KeyType.Switch, "false", Feature.ServiceAccounts,
            "create a service account at start unless it is there"),
        new("auth.limits.maxUsers", "--auth-max-users", KeyType.Integer, null, Feature.Users, "most users; 0 for no limit"),
        new("auth.limits.maxServiceAccounts", "--auth-max-service-accounts", KeyType.Integer, null, Feature.Users,
            "most service accounts; 0 for no limit"),
    ];
}
