using System.Globalization;

namespace Fleethold.Resources;

/// <summary>
/// The version of one resource: undefined before it is stored, then 1, and one more with each update.
/// It restarts at 1 when the resource is created again (reference/resources.md 1.1).
/// </summary>
public readonly record struct ResourceVersion
{
    private readonly ulong _value;
    private readonly bool _defined;

    /// <summary>A defined version.</summary>
    public ResourceVersion(ulong value) => (_value, _defined) = (value, true);

    /// <summary>The version of a resource that was never stored; wire text <c>undefined</c>.</summary>
    public static ResourceVersion Undefined => default;

    /// <summary>The version of a resource just created.</summary>
    public static ResourceVersion First => new(1);

    /// <summary>False for <see cref="Undefined"/>.</summary>
    public bool IsDefined => _defined;

    /// <summary>The number; 0 when undefined.</summary>
    public ulong Value => _value;

    /// <summary>The version after one more update.</summary>
    public ResourceVersion Next() => new(_value + 1);

    /// <summary>
    /// Reads the wire text. As COSI does, the number goes through a signed 64-bit parse (so <c>-1</c> is the largest version)
    /// and anything else, the empty text included, is refused.
    /// </summary>
    public static bool TryParse(string text, out ResourceVersion version)
    {
        if (text == "undefined")
        {
            version = Undefined;
            return true;
        }

        var parsed = long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number);
        version = parsed ? new ResourceVersion(unchecked((ulong)number)) : default;
        return parsed;
    }

    /// <summary>The wire text.</summary>
    public override string ToString() => _defined ? _value.ToString(CultureInfo.InvariantCulture) : "undefined";
}
