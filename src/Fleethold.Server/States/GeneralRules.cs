using System.Text;
using Fleethold.Resources;

namespace Fleethold.Server.States;

/// <summary>
/// The rules for all resources that come from outside, with the words of reference/resources.md 5.1 and 5.2. They also bound what a stranger can make
/// the server keep.
/// </summary>
internal static class GeneralRules
{
    private const int MaxId = 1024;
    private const int MaxEntries = 256;
    private const int MaxKey = 1024;
    private const int MaxValue = 16384;

    /// <summary>Upstream sets none; they are compared each with each.</summary>
    private const int MaxFinalizers = 1024;

    /// <summary>What is wrong with a new resource; null when nothing is.</summary>
    public static Fault? ForCreate(Metadata metadata)
    {
        List<string>? errors = null;
        if (metadata.Id.Length == 0)
        {
            Add(ref errors, "resource ID must not be empty");
        }
        else if (IsLonger(metadata.Id, MaxId, out var length))
        {
            Add(ref errors, $"resource ID is too long: {length} bytes (max {MaxId})");
        }

        if (HasControl(metadata.Id))
        {
            Add(ref errors, "resource ID must not contain control characters");
        }

        Check(ref errors, "label", StringMap.Empty, metadata.Labels);
        Check(ref errors, "annotation", StringMap.Empty, metadata.Annotations);
        CheckFinalizers(ref errors, 0, metadata.Finalizers.Length);
        return Failed(errors);
    }

    /// <summary>What is wrong with a change; null when nothing is. Only what is new or changed is looked at.</summary>
    public static Fault? ForUpdate(Metadata before, Metadata after)
    {
        List<string>? errors = null;
        Check(ref errors, "label", before.Labels, after.Labels);
        Check(ref errors, "annotation", before.Annotations, after.Annotations);
        CheckFinalizers(ref errors, before.Finalizers.Length, after.Finalizers.Length);
        return Failed(errors);
    }

    /// <summary>One fault from all that is wrong, in the form that clients know; null for nothing.</summary>
    public static Fault? Failed(IReadOnlyList<string>? errors)
    {
        if (errors is null || errors.Count == 0)
        {
            return null;
        }

        var text = new StringBuilder("failed to validate: ");
        text.Append(errors.Count == 1 ? "1 error occurred:\n" : $"{errors.Count} errors occurred:\n");
        foreach (var error in errors)
        {
            text.Append("\t* ").Append(error).Append('\n');
        }

        return new Fault.Invalid(text.Append('\n').ToString());
    }

    private static void CheckFinalizers(ref List<string>? errors, int before, int after)
    {
        if (after > MaxFinalizers && after > before)
        {
            Add(ref errors, $"too many finalizers: {after} (max {MaxFinalizers})");
        }
    }

    private static void Check(ref List<string>? errors, string what, StringMap before, StringMap after)
    {
        if (after.Count == 0 || ReferenceEquals(before, after))
        {
            return;
        }

        if (after.Count > MaxEntries && after.Count > before.Count)
        {
            Add(ref errors, $"too many {what}s: {after.Count} (max {MaxEntries})");
        }

        foreach (var (key, value) in after.Pairs)
        {
            if (before.TryGetValue(key, out var present) && present == value)
            {
                continue;
            }

            CheckEntry(ref errors, what, key, value);
            if (errors?.Count >= MaxEntries)
            {
                return;
            }
        }
    }

    private static void CheckEntry(ref List<string>? errors, string what, string key, string value)
    {
        if (key.Length == 0)
        {
            Add(ref errors, $"{what} key must not be empty");
        }
        else if (IsLonger(key, MaxKey, out var length))
        {
            // The key isn't quoted: it is what is too long.
            Add(ref errors, $"{what} key is too long: {length} bytes (max {MaxKey})");
            return;
        }

        if (HasControl(key))
        {
            Add(ref errors, $"{what} key \"{Escape(key)}\" must not contain control characters");
        }

        if (IsLonger(value, MaxValue, out var size))
        {
            Add(ref errors, $"{what} value for key \"{Escape(key)}\" is too long: {size} bytes (max {MaxValue})");
        }

        if (HasControl(value))
        {
            Add(ref errors, $"{what} value for key \"{Escape(key)}\" must not contain control characters");
        }
    }

    private static void Add(ref List<string>? errors, string error)
    {
        errors ??= [];
        if (!errors.Contains(error))
        {
            errors.Add(error);
        }
    }

    private static bool IsLonger(string text, int max, out int bytes)
    {
        bytes = text.Length * 3 <= max ? 0 : Encoding.UTF8.GetByteCount(text);
        return bytes > max;
    }

    private static bool HasControl(string text)
    {
        foreach (var character in text)
        {
            if (char.IsControl(character))
            {
                return true;
            }
        }

        return false;
    }

    private static string Escape(string text)
    {
        if (!HasControl(text) && !text.Contains('"') && !text.Contains('\\'))
        {
            return text;
        }

        var escaped = new StringBuilder(text.Length + 8);
        foreach (var character in text)
        {
            _ = character switch
            {
                '"' => escaped.Append("\\\""),
                '\\' => escaped.Append("\\\\"),
                '\n' => escaped.Append("\\n"),
                '\r' => escaped.Append("\\r"),
                '\t' => escaped.Append("\\t"),
                _ when char.IsControl(character) => escaped.Append(System.Globalization.CultureInfo.InvariantCulture, $"\\x{(int)character:x2}"),
                _ => escaped.Append(character),
            };
        }

        return escaped.ToString();
    }
}
