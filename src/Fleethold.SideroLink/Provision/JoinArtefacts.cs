using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Fleethold.SideroLink.Wire;

namespace Fleethold.SideroLink.Provision;

/// <summary>
/// What makes a machine join, as kernel arguments and as documents of a machine configuration (reference/siderolink.md 6). The same bytes as upstream's,
/// with one addition: where machines must trust a CA of our own to register, it goes before the rest.
/// </summary>
public sealed class JoinArtefacts
{
    private JoinArtefacts(IReadOnlyList<string> kernelArguments, string documents) => (KernelArguments, Documents) = (kernelArguments, documents);

    /// <summary>The kernel arguments, in order.</summary>
    public IReadOnlyList<string> KernelArguments { get; }

    /// <summary>The documents in YAML, in order.</summary>
    public string Documents { get; }

    /// <summary>Makes both forms.</summary>
    /// <param name="options">What the machine must know.</param>
    /// <param name="config">Both forms.</param>
    /// <param name="error">What is missing or wrong, in the words of the original.</param>
    public static bool TryCreate(JoinOptions options, [NotNullWhen(true)] out JoinArtefacts? config, [NotNullWhen(false)] out string? error)
    {
        config = null;
        var url = "";
        error = options.LogServerPort == 0 ? "no log server port"
            : options.EventSinkPort == 0 ? "no events server port"
            : options.WithoutMachineApi ? null
            : options.MachineApiUrl.Length == 0 ? "no machine API URL"
            : options.Token.Length == 0 ? "no join token"
            : UrlOf(options, out url);
        if (error is not null)
        {
            return false;
        }

        var events = Endpoint(options.EventSinkPort);
        var logs = $"tcp://{Endpoint(options.LogServerPort)}";
        List<string> arguments = [$"talos.events.sink={events}", $"talos.logging.kernel={logs}"];
        List<string> documents =
        [
            $"apiVersion: v1alpha1\nkind: EventSinkConfig\nendpoint: '{events}'\n",
            $"apiVersion: v1alpha1\nkind: KmsgLogConfig\nname: omni-kmsg\nurl: {logs}\n",
        ];
        if (!options.WithoutMachineApi)
        {
            arguments.Insert(0, $"siderolink.api={url}");
            documents.Insert(0, $"apiVersion: v1alpha1\nkind: SideroLinkConfig\napiUrl: {url}\n");
        }

        if (options.TrustedRoots is { } roots)
        {
            arguments.Insert(0, roots.KernelArgument);
            documents.Insert(0, roots.Document);
        }

        config = new JoinArtefacts(arguments, string.Join("---\n", documents));
        return true;
    }

    private static string? UrlOf(JoinOptions options, out string url)
    {
        url = "";
        if (!JoinToken.TryParse(options.Token, out var token, out var error))
        {
            return $"invalid join token: {error}";
        }

        // A token that carries data already keeps it.
        if (token.Version == JoinTokenVersion.Plain && options.ExtraData is { Count: > 0 } extraData
            && !JoinToken.TrySign(options.Token, extraData, options.TokenVersion, out token, out error))
        {
            return error;
        }

        if (!MachineApiUrl.TryComplete(options.MachineApiUrl, token.Encode(), options.UseGrpcTunnel, out var full, out error))
        {
            return error;
        }

        url = full;
        return null;
    }

    private static string Endpoint(int port) => string.Create(CultureInfo.InvariantCulture, $"[{MachineAddresses.Text(TunnelAddresses.Server)}]:{port}");
}
