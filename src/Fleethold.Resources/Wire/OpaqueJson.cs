using System.Globalization;

namespace Fleethold.Resources.Wire;

/// <summary>The JSON of a spec of which only the YAML is known: its values are taken as YAML takes them.</summary>
internal static class OpaqueJson
{
    /// <summary>Writes the value of a YAML text; <c>{}</c> for none, and the text itself as a string when it isn't YAML.</summary>
    public static void Write(JsonBuffer json, string yaml)
    {
        try
        {
            if (YamlTree.Parse(yaml) is [var part, ..])
                Write(json, part);
            else
                json.Raw("{}");
        }
        catch (InputException)
        {
            json.Text(yaml);
        }
    }

    private static void Write(JsonBuffer json, YamlPart part)
    {
        switch (part)
        {
            case YamlMap map:
                var separator = "{";
                foreach (var (key, value) in map.Entries.OrderBy(entry => entry.Key.Text, StringComparer.Ordinal))
                {
                    Write(json.Raw(separator).Text(key.Text).Raw(":"), value);
                    separator = ",";
                }

                json.Raw(map.Entries.Count == 0 ? "{}" : "}");
                break;
            case YamlList list:
                for (var index = 0; index < list.Items.Count; index++)
                    Write(json.Raw(index == 0 ? "[" : ","), list.Items[index]);

                json.Raw(list.Items.Count == 0 ? "[]" : "]");
                break;
            case YamlText { IsNull: true }:
                json.Raw("null");
                break;
            case YamlText { IsPlain: true, Text: "true" or "True" or "TRUE" or "false" or "False" or "FALSE" } flag:
                json.Raw(flag.Text.ToLowerInvariant());
                break;
            case YamlText { IsPlain: true } number when YamlNumber.TryParseInteger(number.Text.Replace("_", "", StringComparison.Ordinal), out var negative, out var magnitude):
                json.Raw(negative && magnitude > 0 ? "-" : "").Number(magnitude);
                break;
            case YamlText { IsPlain: true, Text: [(>= '0' and <= '9') or '+' or '-' or '.', ..] } number
                when !YamlScalar.IsString(number.Text) && double.TryParse(number.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value):
                json.Raw(GoText.JsonFloat(value.ToString("R", CultureInfo.InvariantCulture)));
                break;
            case YamlText text:
                json.Text(text.Text);
                break;
        }
    }
}
