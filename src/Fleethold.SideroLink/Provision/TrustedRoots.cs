using System.Text;
using ZstdSharp;

namespace Fleethold.SideroLink.Provision;

/// <summary>Certificates that machines must trust before they can register, in both forms. They are made once, as compressing them costs more than all the rest.</summary>
public sealed class TrustedRoots
{
    /// <summary>The kernel argument with a configuration that is read before any other: base64 of zstd.</summary>
    public const string EarlyArgument = "talos.config.early=";

    /// <summary>What the document begins with.</summary>
    public const string Head = "apiVersion: v1alpha1\nkind: TrustedRootsConfig\n";

    private const int StrongestCompression = 19;

    /// <param name="certificates">The certificates (PEM).</param>
    public TrustedRoots(string certificates)
    {
        var document = new StringBuilder(Head).Append("name: fleethold-ca\ncertificates: |\n");
        foreach (var line in certificates.AsSpan().Trim().EnumerateLines())
        {
            document.Append("    ").Append(line.TrimEnd()).Append('\n');
        }

        Document = document.ToString();
        using var compressor = new Compressor(StrongestCompression);
        KernelArgument = EarlyArgument + Convert.ToBase64String(compressor.Wrap(Encoding.UTF8.GetBytes(Document)));
    }

    /// <summary>The document in YAML.</summary>
    public string Document { get; }

    /// <summary>The kernel argument.</summary>
    public string KernelArgument { get; }
}
