namespace Fleethold.Server.Configuration.Table;

/// <summary>The keys below <c>account:</c>, and those that accept the EULA, which we don't ask for.</summary>
internal static class AccountKeys
{
    public static IReadOnlyList<ConfigurationKey> All { get; } =
    [
        new("account.id", "--account-id", KeyType.Text, "edd2822a-7834-4fe0-8172-cc5581f13a8d", Feature.Account,
            "UUID of this instance; part of the key prefix in an external etcd, so never change it while there is data")
        { MustNotBeEmpty = true },
        new("account.name", "--name", KeyType.Text, "default", Feature.Account, "name of this instance; part of context and file names")
        { MustNotBeEmpty = true },
        new("account.userPilot.appToken", "--user-pilot-app-token", KeyType.Text, null, Feature.Analytics, "token of a UI analytics service")
        { IsSecret = true },
        new("account.posthog.apiKey", "--account-posthog-api-key", KeyType.Text, null, Feature.Analytics, "key of a UI analytics service")
        { IsSecret = true },
        new("account.posthog.apiHost", "--account-posthog-api-host", KeyType.Text, null, Feature.Analytics, "host of a UI analytics service"),
        new("account.maxRegisteredMachines", "--account-max-registered-machines", KeyType.Integer, null, Feature.Registration,
            "most machines that may register; 0 for no limit"),
        new("eulaAccept.name", "--eula-accept-name", KeyType.Text, null, Feature.Account, "who accepts Omni's terms; not needed here"),
        new("eulaAccept.email", "--eula-accept-email", KeyType.Text, null, Feature.Account, "e-mail of who accepts Omni's terms; not needed here"),
    ];
}
