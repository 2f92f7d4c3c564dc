namespace Fleethold.Server.Configuration.Table;

/// <summary>What a value of a key must look like.</summary>
internal enum KeyType
{
    /// <summary>Any text.</summary>
    Text,

    /// <summary>A path of a file or folder.</summary>
    Path,

    /// <summary>An address to listen on, <c>host:port</c>.</summary>
    Endpoint,

    /// <summary>An IP address and a port, <c>ip:port</c>.</summary>
    IpEndpoint,

    /// <summary>An absolute http or https URL.</summary>
    Url,

    /// <summary>A duration in Go syntax.</summary>
    Duration,

    /// <summary>A whole number, 0 or more.</summary>
    Integer,

    /// <summary>A port number, 1 to 65535.</summary>
    Port,

    /// <summary>A number, 0 to 1.</summary>
    Share,

    /// <summary>true or false.</summary>
    Switch,

    /// <summary>A list of texts.</summary>
    List,

    /// <summary>A map of texts.</summary>
    Map,
}
