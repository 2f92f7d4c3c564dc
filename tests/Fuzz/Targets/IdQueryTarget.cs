using System.Text;
using System.Text.RegularExpressions;
using Fleethold.Resources;
using Fleethold.Resources.Queries;

namespace Fleethold.Fuzz.Targets;

/// <summary>
/// An expression, a NUL and an id. Both engines must agree, and for small ones the platform's backtracking engine with them: three
/// independent ways to one answer.
/// </summary>
internal sealed class IdQueryTarget : IFuzzTarget
{
    private static readonly TimeSpan BacktrackingLimit = TimeSpan.FromMilliseconds(50);

    public string Name => "id-query";

    public InputShape Shape => InputShape.Text;

    public IReadOnlyList<string> Words { get; } =
    [
        "*", "+", "?", "{2}", "{0,3}", "{2,}", "{1000}", "{,2}", "|", "(", ")", "(?:", "(?i)", "(?s-i:", "(?m)", "(?U)", "(?P<n>", "(?<n>", "(?=", "(?>", "[", "[^", "]", "-",
        "[:alpha:]", "[:^space:]", "^", "$", "\\A", "\\z", "\\b", "\\B", "\\d", "\\W", "\\s", "\\pL", "\\p{Lu}", "\\P{^Nd}", "\\Q", "\\E", "\\x{1F600}", "\\x41", "\\101", "\\1", ".",
        "é", "ß", "ſ", "😀", "\0", "\n",
    ];

    public IEnumerable<byte[]> Seeds => new[]
    {
        "^talos-[a-z]+$\0talos-default", "(?i)(ab|cd)*x{2,3}\0ABcdxx", "[^a-c\\d]|\\pL\0é1", "(?m)^a.b$\0x\na😀b", "\\ba\\B|\\Q.*\\E\0ab .*", "((a?b){2}|c+)*d\0abbccd",
    }.Select(Encoding.UTF8.GetBytes);

    // Expressions over 1 KiB are refused at once; below, what an expression costs is bounded by its size when counts are written out.
    // Most of it goes to the platform's engine.
    public long AllocationLimit(int inputLength) => 8_000_000 + (inputLength * 10L);

    public void Run(ReadOnlySpan<byte> input)
    {
        var end = input.IndexOf((byte)0);
        var pattern = Encoding.UTF8.GetString(end < 0 ? input : input[..end]);
        var id = end < 0 ? "" : Encoding.UTF8.GetString(input[(end + 1)..]);
        if (!IdQuery.Compile(pattern).Succeeded(out var query, out var fault))
        {
            Check.Same(true, fault is Fault.Invalid && fault.Message.StartsWith("error parsing regexp: ", StringComparison.Ordinal));
            return;
        }

        var matches = query.Matches(id);
        Check.Same(matches, IdQuery.Compile(pattern, _ => false).Value.Matches(id));
        new Re2Parser(pattern).Parse(out var expression);
        if (expression.Size > 40 || id.Length > 40)
        {
            return;
        }

        var alphabet = Re2Alphabet.For(expression)!;
        var mapped = new char[id.Length];
        var length = alphabet.Map(id, mapped);
        try
        {
            var reference = new Regex(PlatformSyntax.Render(expression, alphabet), RegexOptions.CultureInvariant, BacktrackingLimit);
            Check.Same(reference.IsMatch(mapped.AsSpan(0, length)), matches);
        }
        catch (RegexMatchTimeoutException)
        {
            // Backtracking takes exponential time now and then; that is why it isn't used.
        }
    }
}
