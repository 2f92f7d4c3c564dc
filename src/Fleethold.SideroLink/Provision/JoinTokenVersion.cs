using System.Diagnostics.CodeAnalysis;

namespace Fleethold.SideroLink.Provision;

/// <summary>The forms of a join token on the wire.</summary>
public enum JoinTokenVersion
{
    /// <summary>The secret itself.</summary>
    Plain,

    /// <summary>Signed data, for the default token of the server.</summary>
    V1,

    /// <summary>Signed data; data that names an infrastructure provider is signed with the token of that provider.</summary>
    V2,
}

/// <summary>Their names.</summary>
public static class JoinTokenVersions
{
    /// <summary>Reads <c>plain</c>, <c>1</c> or <c>2</c>.</summary>
    /// <param name="text">The name.</param>
    /// <param name="version">The version.</param>
    /// <param name="error">Why there is none, in the words of the original.</param>
    public static bool TryParse(string text, out JoinTokenVersion version, [NotNullWhen(false)] out string? error)
    {
        (version, error) = text switch
        {
            "plain" => (JoinTokenVersion.Plain, null),
            "1" => (JoinTokenVersion.V1, null),
            "2" => (JoinTokenVersion.V2, null),
            _ => (JoinTokenVersion.Plain, $"unsupported version \"{text}\""),
        };
        return error is null;
    }

    /// <summary>What the wire form begins with; null for the plain form.</summary>
    internal static string? PrefixOf(JoinTokenVersion version) => version switch
    {
        JoinTokenVersion.V1 => "v1:",
        JoinTokenVersion.V2 => "v2:",
        _ => null,
    };
}
