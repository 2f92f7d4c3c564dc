using Fleethold.Resources.Queries;

namespace Fleethold.Resources.Tests.Queries;

public class IdQueryTests
{
    // Differences between RE2 and the platform's own syntax; each runs on both engines.
    [Theory]
    [InlineData(@"^a$", "a", true)]
    [InlineData(@"^a$", "a\n", false)]
    [InlineData(@"(?m)^a$", "b\na\nc", true)]
    [InlineData(@"(?m:^)b", "a\nb", true)]
    [InlineData(@"\Aa\z", "a", true)]
    [InlineData(@"a.c", "a\nc", false)]
    [InlineData(@"(?s)a.c", "a\nc", true)]
    [InlineData(@"(?s-s)a.c", "a\nc", false)]
    [InlineData(@"(?i)straße", "STRASSE", false)]
    [InlineData(@"(?i)straße", "STRAẞE", true)]
    [InlineData(@"(?i)k", "\u212A", true)]
    [InlineData(@"(?i)[^k]", "\u212A", false)]
    [InlineData(@"(?i)ſ", "S", true)]
    [InlineData(@"(?i)σ", "ς", true)]
    [InlineData(@"(?i)i", "İ", false)]
    [InlineData(@"(?i:a)b", "AB", false)]
    [InlineData(@"a(?i)b|c", "aB", true)]
    [InlineData(@"a(?i)b|c", "C", true)]
    [InlineData(@"(a(?i)b)c", "aBC", false)]
    [InlineData(@"^\d+$", "٣", false)]
    [InlineData(@"^\w+$", "é", false)]
    [InlineData(@"\s", "\v", false)]
    [InlineData(@"[[:space:]]", "\v", true)]
    [InlineData(@"\s", "\u00A0", false)]
    [InlineData(@"a\b", "aé", true)]
    [InlineData(@"a\B", "aé", false)]
    [InlineData(@"\bé", "é", false)]
    [InlineData(@"^.$", "😀", true)]
    [InlineData(@"^..$", "😀", false)]
    [InlineData(@"^[😀-😂]$", "😁", true)]
    [InlineData(@"^[^a]$", "😀", true)]
    [InlineData(@"^\x{1F600}$", "😀", true)]
    [InlineData(@"^\pL$", "𝒜", true)]
    [InlineData(@"^\PL+$", "12-", true)]
    [InlineData(@"^\p{Lu}\p{^Lu}$", "Éé", true)]
    [InlineData(@"^\p{Any}$", "\u0378", true)]
    [InlineData(@"\Qa.b\E*", "a.", true)]
    [InlineData(@"\Qa.b", "axb", false)]
    [InlineData(@"^[[:alpha:][:^ascii:]]+$", "aé", true)]
    [InlineData(@"^[]a]+$", "]a", true)]
    [InlineData(@"^[a-]+$", "a-", true)]
    [InlineData(@"^[a\-z]+$", "-", true)]
    [InlineData(@"^[\d-z]+$", "-", true)]
    [InlineData(@"^[a-z-[b]]$", "b]", true)]
    [InlineData(@"[^\x00-\x{10FFFF}]", "a", false)]
    [InlineData(@"^(?P<name>a)(?<name>b)$", "ab", true)]
    [InlineData(@"^a{,2}$", "a{,2}", true)]
    [InlineData(@"^a{$", "a{", true)]
    [InlineData(@"^a{01}$", "a{01}", true)]
    [InlineData(@"^a{2,3}?$", "aaaa", false)]
    [InlineData(@"^a{2,}$", "aaaa", true)]
    [InlineData(@"^(?:a{0}b)+$", "bb", true)]
    [InlineData(@"^(?U)a+?$", "aa", true)]
    [InlineData(@"^a*(?i)*b$", "aaB", true)]
    [InlineData(@"^(a||b)*$", "abba", true)]
    [InlineData(@"^*a", "ba", true)]
    [InlineData(@"\101\60\x41\a?", "A0A", true)]
    [InlineData(@"a #b", "a #b", true)]
    [InlineData(@"|", "", true)]
    [InlineData(@"()", "", true)]
    [InlineData(@"^\{\}\-\/$", "{}-/", true)]
    [InlineData(@"^\x{10FFFF}?$", "", true)]
    public void Expressions_mean_what_they_mean_in_RE2(string pattern, string id, bool matches)
    {
        Assert.Equal(matches, IdQuery.Compile(pattern).Value.Matches(id));
        Assert.Equal(matches, IdQuery.Compile(pattern, _ => true).Value.Matches(id));
        Assert.Equal(matches, IdQuery.Compile(pattern, _ => false).Value.Matches(id));
    }

    [Theory]
    [InlineData(@"(?=a)", "invalid or unsupported Perl syntax: `(?=`")]
    [InlineData(@"(?!a)", "invalid or unsupported Perl syntax: `(?!`")]
    [InlineData(@"(?<=a)b", "invalid named capture: `(?<=a)b`")]
    [InlineData(@"(?<!a)b", "invalid named capture: `(?<!a)b`")]
    [InlineData(@"(?>a)", "invalid or unsupported Perl syntax: `(?>`")]
    [InlineData(@"(?#a)", "invalid or unsupported Perl syntax: `(?#`")]
    [InlineData(@"(?(1)a)", "invalid or unsupported Perl syntax: `(?(`")]
    [InlineData(@"(?x)a", "invalid or unsupported Perl syntax: `(?x`")]
    [InlineData(@"(?n:a)", "invalid or unsupported Perl syntax: `(?n`")]
    [InlineData(@"(?i-)a", "invalid or unsupported Perl syntax: `(?i-)`")]
    [InlineData(@"(?--i)a", "invalid or unsupported Perl syntax: `(?--`")]
    [InlineData(@"(?'n'a)", "invalid or unsupported Perl syntax: `(?'`")]
    [InlineData(@"(?P=n)", "invalid or unsupported Perl syntax: `(?P`")]
    [InlineData(@"(?P<>a)", "invalid named capture: `(?P<>`")]
    [InlineData(@"(?P<a-b>a)", "invalid named capture: `(?P<a-b>`")]
    [InlineData(@"(a)\1", @"invalid escape sequence: `\1`")]
    [InlineData(@"\8", @"invalid escape sequence: `\8`")]
    [InlineData(@"\k<n>", @"invalid escape sequence: `\k`")]
    [InlineData(@"\Z", @"invalid escape sequence: `\Z`")]
    [InlineData(@"\G", @"invalid escape sequence: `\G`")]
    [InlineData(@"\C", @"invalid escape sequence: `\C`")]
    [InlineData(@"\E", @"invalid escape sequence: `\E`")]
    [InlineData(@"\e", @"invalid escape sequence: `\e`")]
    [InlineData(@"\cA", @"invalid escape sequence: `\c`")]
    [InlineData(@"\u0041", @"invalid escape sequence: `\u`")]
    [InlineData(@"\R", @"invalid escape sequence: `\R`")]
    [InlineData(@"\x4", @"invalid escape sequence: `\x4`")]
    [InlineData(@"\x{110000}", @"invalid escape sequence: `\x{110000`")]
    [InlineData(@"[\b]", @"invalid escape sequence: `\b`")]
    [InlineData(@"\é", @"invalid escape sequence: `\é`")]
    [InlineData(@"a\", "trailing backslash at end of expression: ``")]
    [InlineData(@"\p{Greek}", @"invalid character class range: `\p{Greek}`")]
    [InlineData(@"\p{IsGreek}", @"invalid character class range: `\p{IsGreek}`")]
    [InlineData(@"\pX", @"invalid character class range: `\pX`")]
    [InlineData(@"\p", @"invalid character class range: `\p`")]
    [InlineData(@"\p{L", @"invalid character class range: `\p{L`")]
    [InlineData(@"[[:nope:]]", "invalid character class range: `[:nope:]`")]
    [InlineData(@"[b-a]", "invalid character class range: `b-a`")]
    [InlineData(@"x[a", "missing closing ]: `[a`")]
    [InlineData(@"[]", "missing closing ]: `[]`")]
    [InlineData(@"a)", "unexpected ): `a)`")]
    [InlineData(@"a(b", "missing closing ): `a(b`")]
    [InlineData(@"a++", "invalid nested repetition operator: `++`")]
    [InlineData(@"a*+", "invalid nested repetition operator: `*+`")]
    [InlineData(@"a??*", "invalid nested repetition operator: `??*`")]
    [InlineData(@"a{2}{3}", "invalid nested repetition operator: `{2}{3}`")]
    [InlineData(@"|*", "missing argument to repetition operator: `*`")]
    [InlineData(@"(+)", "missing argument to repetition operator: `+`")]
    [InlineData(@"(?i)?", "missing argument to repetition operator: `?`")]
    [InlineData(@"a{1001}", "invalid repeat count: `{1001}`")]
    [InlineData(@"a{2,99999999999}", "invalid repeat count: `{2,99999999999}`")]
    [InlineData(@"(a{40}){40}", "invalid repeat count: `{40}`")]
    [InlineData(@"(?:(?:abcde){10}){100}(?:abcde){1000}", "expression too large: ")]
    [InlineData(@"[\pL][\pL][\pL][\pL][\pL][\pL][\pL][\pL][\pL][\pL][\pL][\pL][\pL][\pL][\pL][\pL][\pL][\pL][\pL][\pL][\pL][\pL][\pL][\pL][\pL][\pL][\pL][\pL][\pL][\pL][\pL][\pL][\pL][\pL][\pL][\pL][\pL][\pL][\pL][\pL][\pL][\pL][\pL][\pL][\pL][\pL][\pL][\pL][\pL][\pL]", "expression too large: ")]
    public void What_RE2_lacks_is_refused_in_its_words(string pattern, string error)
    {
        var fault = Assert.IsType<Fault.Invalid>(IdQuery.Compile(pattern).Fault);

        Assert.StartsWith($"error parsing regexp: {error}", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Half_a_surrogate_pair_is_no_text() =>
        Assert.StartsWith("error parsing regexp: invalid UTF-8: ", IdQuery.Compile("a\ud800").Fault?.Message, StringComparison.Ordinal);

    [Fact]
    public void An_expression_may_have_1024_bytes_and_no_more()
    {
        Assert.Null(IdQuery.Compile(new string('a', 1024)).Fault);
        Assert.Null(IdQuery.Compile(new string('é', 512)).Fault);
        Assert.StartsWith("error parsing regexp: ", IdQuery.Compile(new string('é', 513)).Fault?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Groups_may_be_nested_as_deep_as_the_length_allows()
    {
        var query = IdQuery.Compile(new string('(', 511) + "a*" + new string(')', 511)).Value;

        Assert.True(query.Matches("a"));
    }

    // On the platform's linear engine the second of them takes 6 GB and 7 seconds.
    [Theory]
    [InlineData("(a|b)*a(a|b){1000}c")]
    [InlineData("(?:a{0,10}b{0,10}){1,90}c")]
    [InlineData("(?:(?:a{0,5}b{0,5}){0,5}(ab){0,5}){0,30}c")]
    [InlineData("(?:(?:.){1,11}|(?:[ab]b[ab](?:.){0,7})*)+a{8}(?:(?:[ab]{1,2}|..a)|a{1,8})*c")]
    [InlineData("(((a|b){1,9}){1,9}){1,9}c")]
    public void Hostile_expressions_cost_bounded_memory(string pattern)
    {
        var id = string.Concat(Enumerable.Range(0, 1000).Select(index => (index * 7919 >> 3 & 1) == 0 ? 'a' : 'b'));
        Assert.False(IdQuery.Compile(pattern).Value.Matches(id));
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.False(IdQuery.Compile(pattern).Value.Matches(id));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2_000_000);
    }

    [Fact]
    public void Matching_doesnt_allocate()
    {
        foreach (var pattern in (string[])["^talos-[a-z]+$", "(?:(?:ab)*c){2}", "é"])
        {
            var query = IdQuery.Compile(pattern).Value;
            query.Matches("talos-default");
            query.Matches("talosé");
            var before = GC.GetAllocatedBytesForCurrentThread();

            query.Matches("talos-default");
            query.Matches("talosé");

            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    [Fact]
    public void Queries_are_equal_when_their_texts_are()
    {
        Assert.Equal(IdQuery.Compile("a").Value, IdQuery.Compile("a").Value);
        Assert.NotEqual(IdQuery.Compile("a").Value, IdQuery.Compile("b").Value);
        Assert.Equal("a+", IdQuery.Compile("a+").Value.ToString());
    }
}
