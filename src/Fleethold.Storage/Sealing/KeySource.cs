namespace Fleethold.Storage.Sealing;

/// <summary>Where a key that opens a slot of the store comes from.</summary>
public abstract record KeySource
{
    /// <summary>
    /// A file with 32 random bytes in base64 (<c>openssl rand -base64 32</c>), or an ASCII-armoured OpenPGP private key without passphrase.
    /// </summary>
    /// <param name="Path">The file.</param>
    public sealed record KeyFile(string Path) : KeySource
    {
        /// <summary>Makes the file (32 random bytes, mode 0600) when it is missing and the store is new.</summary>
        public bool CreateIfMissing { get; init; }

        /// <inheritdoc/>
        public override string ToString() => $"the key file {Path}";
    }

    /// <summary>An environment variable that holds what a <see cref="KeyFile"/> would.</summary>
    /// <param name="Name">Its name.</param>
    public sealed record Variable(string Name) : KeySource
    {
        /// <inheritdoc/>
        public override string ToString() => $"the environment variable {Name}";
    }

    /// <summary>
    /// A secret in HashiCorp Vault, KV version 2: field <c>private-key</c>, text or list of lines, holding what a <see cref="KeyFile"/> would.
    /// </summary>
    /// <param name="Mount">The mount of the KV engine: letters, digits, <c>-</c> and <c>/</c>.</param>
    /// <param name="Path">The secret: the same characters.</param>
    public sealed record Vault(string Mount, string Path) : KeySource
    {
        /// <summary>The address, for example <c>https://vault:8200</c>; null to read <c>VAULT_ADDR</c>.</summary>
        public string? Address { get; init; }

        /// <summary>The token; null to read <c>VAULT_TOKEN</c>. Not used with Kubernetes sign-in (<c>VAULT_K8S_ROLE</c>).</summary>
        public string? Token { get; init; }

        /// <summary>The mount of Vault's Kubernetes sign-in.</summary>
        public string KubernetesMount { get; init; } = "kubernetes";

        /// <summary>The file with the service account's token; null for the pod's own.</summary>
        public string? KubernetesTokenFile { get; init; }

        /// <inheritdoc/>
        public override string ToString() => $"vault://{Mount}/{Path}";
    }

    /// <summary>
    /// Reads Omni's <c>privateKeySource</c> (reference/deployment.md 4.3): <c>file:///path</c>, <c>vault://mount/path</c>,
    /// <c>vault://@/path/to/token:/mount/path</c>.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="source">The source.</param>
    /// <param name="problem">What is wrong with the text.</param>
    public static bool TryParse(string text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out KeySource? source, out string problem)
    {
        (source, problem) = (null, "");
        if (text.StartsWith("file://", StringComparison.Ordinal) && text.Length > 7)
        {
            source = new KeyFile(text[7..]);
            return true;
        }

        if (!text.StartsWith("vault://", StringComparison.Ordinal))
        {
            problem = "must begin with file:// or vault://";
            return false;
        }

        var rest = text[8..];
        string? tokenFile = null;
        if (rest.StartsWith('@'))
        {
            var colon = rest.IndexOf(':', StringComparison.Ordinal);
            if (colon < 2)
            {
                problem = "must be vault://@/path/to/token:/mount/path when it names a token file";
                return false;
            }

            (tokenFile, rest) = (rest[1..colon], rest[(colon + 1)..].TrimStart('/'));
        }

        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        if (slash < 1 || slash == rest.Length - 1 || !rest.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '/'))
        {
            problem = "must be vault://mount/path, of letters, digits, - and /";
            return false;
        }

        source = new Vault(rest[..slash], rest[(slash + 1)..]) { KubernetesTokenFile = tokenFile };
        return true;
    }
}
