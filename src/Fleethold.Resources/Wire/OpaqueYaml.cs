namespace Fleethold.Resources.Wire;

/// <summary>
/// Writes a spec of which only the YAML text is known into a larger document, as omnictl does it: what was plain, quoted or a block stays so,
/// only the indentation and the folding are the document's.
/// </summary>
internal static class OpaqueYaml
{
    private const int Unit = 4;

    /// <summary>Writes the text as the value of a key, its content at a column. What isn't YAML is shown line by line.</summary>
    public static void WriteNested(YamlBuffer buffer, string yaml, int indent)
    {
        YamlPart? part;
        try
        {
            part = YamlTree.Parse(yaml).FirstOrDefault();
        }
        catch (InputException)
        {
            foreach (var line in yaml.Split('\n'))
            {
                buffer.BeginLine(indent);
                buffer.Raw(line);
            }

            return;
        }

        if (part is null)
            buffer.Raw(" {}"u8);
        else
            Write(buffer, part, indent - Unit, inList: false);
    }

    private static void Write(YamlBuffer buffer, YamlPart part, int indent, bool inList)
    {
        var deeper = inList ? indent + 2 : indent < 0 ? 0 : indent + Unit - indent % Unit;
        switch (part)
        {
            case YamlMap { Entries.Count: 0 }:
                buffer.Raw(" {}"u8);
                break;
            case YamlList { Items.Count: 0 }:
                buffer.Raw(" []"u8);
                break;
            case YamlMap map:
                for (var index = 0; index < map.Entries.Count; index++)
                {
                    if (index == 0 && inList)
                        buffer.Raw(" "u8);
                    else
                        buffer.BeginLine(deeper);

                    var (key, value) = map.Entries[index];
                    buffer.Key(key.Text, deeper, (text, asKey) => YamlScalar.Allowed(text, key.Style, asKey));
                    Write(buffer, value, deeper, inList: false);
                }

                break;
            case YamlList list:
                for (var index = 0; index < list.Items.Count; index++)
                {
                    if (index == 0 && inList)
                        buffer.Raw(" "u8);
                    else
                        buffer.BeginLine(deeper);

                    buffer.Raw("-"u8);
                    Write(buffer, list.Items[index], deeper, inList: true);
                }

                break;
            case YamlText { Text: "", Style: ScalarStyle.Plain }:
                break;
            case YamlText text:
                buffer.Raw(" "u8);
                buffer.Scalar(text.Text, YamlScalar.Allowed(text.Text, text.Style, asKey: false), deeper);
                break;
        }
    }
}
