using System.Globalization;

namespace Fleethold.SideroLink.Provision;

/// <summary>Which versions of Talos keep a token of their own (reference/siderolink.md 2.3).</summary>
public static class SecureJoin
{
    /// <summary>The version that is assumed of a machine that names none.</summary>
    public const string AssumedVersion = "1.5.0";

    /// <summary>
    /// True from 1.6.0 on. Leading <c>v</c>s are passed over and missing numbers are zero; a pre-release is older than its release; what can't be read
    /// supports nothing.
    /// </summary>
    /// <param name="talosVersion">A version tag as machines send it.</param>
    public static bool IsSupportedBy(string talosVersion)
    {
        var text = talosVersion.AsSpan().Trim().TrimStart('v');
        var suffix = text.IndexOfAny('-', '+');
        var isPreRelease = suffix >= 0 && text[suffix] == '-';
        var numbers = suffix >= 0 ? text[..suffix] : text;
        Span<ulong> version = [0, 0, 0];
        var read = 0;
        foreach (var range in numbers.Split('.'))
        {
            if (read == version.Length || !ulong.TryParse(numbers[range], NumberStyles.None, CultureInfo.InvariantCulture, out version[read]))
            {
                return false;
            }

            read++;
        }

        // A shortened version has no room for what follows a whole one.
        if (suffix >= 0 && (read < version.Length || suffix == text.Length - 1))
        {
            return false;
        }

        var (major, minor, patch) = (version[0], version[1], version[2]);
        return major > 1 || (major == 1 && (minor > 6 || (minor == 6 && (patch > 0 || !isPreRelease))));
    }
}
