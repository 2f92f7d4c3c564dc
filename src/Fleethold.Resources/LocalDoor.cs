namespace Fleethold.Resources;

/// <summary>
/// Where the server and <c>fhctl</c> meet on one machine when nobody said otherwise: the Unix socket in the default data directory.
/// </summary>
public static class LocalDoor
{
    /// <summary>The name of the socket in the data directory.</summary>
    public const string SocketName = "fleethold.sock";

    /// <summary>
    /// The metadata of <c>GetMachineJoinConfig</c> that, with the value <c>true</c>, leaves our own CA out. Upstream's request has no field for it.
    /// </summary>
    public const string WithoutCaHeader = "fleethold-without-ca";

    /// <summary>
    /// The default data directory: <c>/var/lib/fleethold</c> for root, else <c>fleethold</c> in <c>$XDG_DATA_HOME</c>
    /// or, when that is unset or no absolute path, in <c>~/.local/share</c>.
    /// </summary>
    /// <param name="isRoot">Whether the process has the rights of root.</param>
    /// <param name="environment">Reads an environment variable; null when it is unset.</param>
    public static string DefaultDataDirectory(bool isRoot, Func<string, string?> environment)
    {
        if (isRoot)
        {
            return "/var/lib/fleethold";
        }

        var dataHome = environment("XDG_DATA_HOME");
        return dataHome is not null && dataHome.StartsWith('/')
            ? $"{dataHome.TrimEnd('/')}/fleethold"
            : $"{(environment("HOME") ?? "").TrimEnd('/')}/.local/share/fleethold";
    }

    /// <summary>The path of the socket in a data directory.</summary>
    public static string SocketIn(string dataDirectory) => $"{dataDirectory.TrimEnd('/')}/{SocketName}";
}
