using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;

namespace Fleethold.Resources.Queries;

/// <summary>
/// An unanchored RE2 regular expression over ids (reference/resources.md 1.6), run without backtracking: time is linear in the id.
/// Equality is that of the expression's text.
/// </summary>
public sealed class IdQuery : IEquatable<IdQuery>
{
    /// <summary>The longest expression, in bytes of UTF-8.</summary>
    public const int MaxLength = 1024;

    private const string Prefix = "error parsing regexp: ";

    private readonly Regex _regex;
    private readonly Re2Alphabet _alphabet;

    private IdQuery(string pattern, Regex regex, Re2Alphabet alphabet) => (Pattern, _regex, _alphabet) = (pattern, regex, alphabet);

    /// <summary>The expression as given.</summary>
    public string Pattern { get; }

    /// <summary>
    /// Compiles an expression. Too long a text (over <see cref="MaxLength"/>), a syntax error or a construct that RE2 lacks is a
    /// <see cref="Fault.Invalid"/> whose text begins with <c>error parsing regexp: </c>. Unicode scripts (<c>\p{Greek}</c>) are refused too.
    /// </summary>
    public static Outcome<IdQuery> Compile(string pattern)
    {
        if (pattern.Length > MaxLength || Encoding.UTF8.GetByteCount(pattern) > MaxLength)
        {
            return new Fault.Invalid($"{Prefix}expression too large: at most {MaxLength} bytes are taken");
        }

        if (new Re2Parser(pattern).Parse(out var pieces) is { } error)
        {
            return new Fault.Invalid(Prefix + error);
        }

        if (Re2Alphabet.For([.. pieces.Select(piece => piece.Set).OfType<CodePointSet>().Distinct()]) is not { } alphabet)
        {
            return new Fault.Invalid($"{Prefix}expression too large: `{pattern}`");
        }

        var translated = new StringBuilder();
        foreach (var (text, set) in pieces)
        {
            if (set is null)
            {
                translated.Append(text);
            }
            else
            {
                alphabet.Render(set, translated);
            }
        }

        const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;
        return new IdQuery(pattern, new Regex(translated.ToString(), Options), alphabet);
    }

    /// <summary>Whether the id matches anywhere. May be called by many threads at once.</summary>
    public bool Matches(string id)
    {
        if (Ascii.IsValid(id))
        {
            return _regex.IsMatch(id);
        }

        var rented = ArrayPool<char>.Shared.Rent(id.Length);
        var matches = _regex.IsMatch(rented.AsSpan(0, _alphabet.Map(id, rented)));
        ArrayPool<char>.Shared.Return(rented);
        return matches;
    }

    /// <inheritdoc/>
    public bool Equals(IdQuery? other) => other is not null && Pattern == other.Pattern;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as IdQuery);

    /// <inheritdoc/>
    public override int GetHashCode() => Pattern.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Pattern;
}
