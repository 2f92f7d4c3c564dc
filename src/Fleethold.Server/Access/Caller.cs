namespace Fleethold.Server.Access;

/// <summary>What a caller may do with resources.</summary>
internal enum Rights
{
    /// <summary>Read everything.</summary>
    Read,

    /// <summary>Read and write everything that people may write.</summary>
    Full,

    /// <summary>What an infrastructure provider may (reference/api-auth.md 5.3).</summary>
    Provider,
}

/// <summary>Who calls.</summary>
/// <param name="Rights">What they may do.</param>
/// <param name="ProviderId">The infrastructure provider that they act as; empty for others.</param>
internal sealed record Caller(Rights Rights, string ProviderId = "")
{
    /// <summary>Somebody at the local door for readers.</summary>
    public static Caller Reader { get; } = new(Rights.Read);

    /// <summary>The server's own user.</summary>
    public static Caller Owner { get; } = new(Rights.Full);
}
