namespace Fleethold.Server.Access;

/// <summary>The way that a connection came in. Rights begin here.</summary>
internal enum Door
{
    /// <summary>The TLS port, or what stands behind a proxy that ends TLS: anybody.</summary>
    Public,

    /// <summary>Loopback without a sign-in: readers, and infrastructure providers that run beside the server (reference/deployment.md 3).</summary>
    LocalReader,

    /// <summary>The Unix socket: whoever may open files of the server's own user.</summary>
    LocalSocket,

    /// <summary>The listener that metrics are fetched from.</summary>
    Metrics,

    /// <summary>The own listener where machines register, outside the tunnel: anybody.</summary>
    Machines,

    /// <summary>Inside the tunnel, at the server's address there: machines, each known by its address.</summary>
    Tunnel,
}

/// <summary>The door of a connection, as a feature of it.</summary>
/// <param name="Door">The door.</param>
internal sealed record DoorFeature(Door Door);
