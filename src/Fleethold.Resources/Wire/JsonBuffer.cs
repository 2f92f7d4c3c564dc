using System.Buffers;
using System.Globalization;
using System.Text;

namespace Fleethold.Resources.Wire;

/// <summary>
/// JSON text under construction. Strings are escaped as Go's encoder does it, HTML signs included, for the texts are compared byte for byte.
/// </summary>
internal sealed class JsonBuffer
{
    private static readonly SearchValues<char> Special = SearchValues.Create(
        "\"\\<>&\u2028\u2029\0\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\u000b\f\r\u000e\u000f\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f");

    private readonly StringBuilder _text = new();

    /// <summary>Writes what is JSON already.</summary>
    public JsonBuffer Raw(string text)
    {
        _text.Append(text);
        return this;
    }

    /// <summary>Writes a number in invariant form.</summary>
    public JsonBuffer Number<T>(T number)
        where T : IFormattable
    {
        _text.Append(CultureInfo.InvariantCulture, $"{number}");
        return this;
    }

    /// <summary>Writes a string in quotes.</summary>
    public JsonBuffer Text(string text)
    {
        _text.Append('"');
        var rest = text.AsSpan();
        while (rest.IndexOfAny(Special) is >= 0 and var index)
        {
            _text.Append(rest[..index]).Append(Escape(rest[index]));
            rest = rest[(index + 1)..];
        }

        _text.Append(rest).Append('"');
        return this;
    }

    /// <summary>What was written.</summary>
    public override string ToString() => _text.ToString();

    private static string Escape(char character) => character switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\b' => "\\b",
        '\f' => "\\f",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        _ => "\\u" + ((int)character).ToString("x4", CultureInfo.InvariantCulture),
    };
}
