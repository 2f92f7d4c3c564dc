using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;

namespace Fleethold.Resources.Queries;

/// <summary>
/// An unanchored RE2 regular expression over ids (reference/resources.md 1.6), run without backtracking: time is linear in the id,
/// memory doesn't depend on it. Equality is that of the expression's text.
/// </summary>
public sealed class IdQuery : IEquatable<IdQuery>
{
    /// <summary>The longest expression, in bytes of UTF-8.</summary>
    public const int MaxLength = 1024;

    private const string Prefix = "error parsing regexp: ";

    private readonly Re2Alphabet _alphabet;

    // One of the two.
    private readonly Regex? _regex;
    private readonly Re2Program? _program;

    private IdQuery(string pattern, Re2Node expression, Re2Alphabet alphabet, bool usePlatform)
    {
        (Pattern, _alphabet) = (pattern, alphabet);
        if (usePlatform)
        {
            _regex = new Regex(PlatformSyntax.Render(expression, alphabet), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        else
        {
            _program = new Re2Program(expression, alphabet);
        }
    }

    /// <summary>The expression as given.</summary>
    public string Pattern { get; }

    /// <summary>
    /// Compiles an expression. Too long a text (over <see cref="MaxLength"/>), a syntax error or a construct that RE2 lacks is a
    /// <see cref="Fault.Invalid"/> whose text begins with <c>error parsing regexp: </c>. Unicode scripts (<c>\p{Greek}</c>) are refused too.
    /// </summary>
    public static Outcome<IdQuery> Compile(string pattern) => Compile(pattern, PlatformSyntax.IsCheap);

    /// <summary>Compiles for the platform's engine where the condition holds, else for our own; tests compare the two.</summary>
    internal static Outcome<IdQuery> Compile(string pattern, Func<Re2Node, bool> usePlatform)
    {
        if (pattern.Length > MaxLength || Encoding.UTF8.GetByteCount(pattern) > MaxLength)
        {
            return new Fault.Invalid($"{Prefix}expression too large: at most {MaxLength} bytes are taken");
        }

        if (new Re2Parser(pattern).Parse(out var expression) is { } error)
        {
            return new Fault.Invalid(Prefix + error);
        }

        return Re2Alphabet.For(expression) is { } alphabet
            ? new IdQuery(pattern, expression, alphabet, usePlatform(expression))
            : new Fault.Invalid($"{Prefix}expression too large: `{pattern}`");
    }

    /// <summary>Whether the id matches anywhere. May be called by many threads at once.</summary>
    public bool Matches(string id)
    {
        if (Ascii.IsValid(id))
        {
            return IsMatch(id);
        }

        var rented = ArrayPool<char>.Shared.Rent(id.Length);
        var matches = IsMatch(rented.AsSpan(0, _alphabet.Map(id, rented)));
        ArrayPool<char>.Shared.Return(rented);
        return matches;
    }

    private bool IsMatch(ReadOnlySpan<char> mapped) => _regex?.IsMatch(mapped) ?? _program!.IsMatch(mapped);

    /// <inheritdoc/>
    public bool Equals(IdQuery? other) => other is not null && Pattern == other.Pattern;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as IdQuery);

    /// <inheritdoc/>
    public override int GetHashCode() => Pattern.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Pattern;
}
