using Fleethold.Cli.Documents;
using Fleethold.Cli.JsonPath;

namespace Fleethold.Cli.Tests.JsonPath;

public class TemplateTests
{
    private static readonly object? Document = YamlValue.Read("""
        name: c1
        count: 5
        ready: true
        nothing: null
        ratio: 0.5
        labels:
            omni.sidero.dev/arch: amd64
            plain: x
        list: [a, b, c, d]
        empty: []
        items:
            - name: one
              size: 1
              tags: [red, blue]
            - name: two
              size: 2
              kind: special
            - name: three
              size: 3
              tags: []
        """);

    [Theory]
    [InlineData("{.name}", "c1")]
    [InlineData("{$.name}", "c1")]
    [InlineData("{@.name}", "c1")]
    [InlineData("name is {.name}, count {.count}!", "name is c1, count 5!")]
    [InlineData("{.ready} {.ratio} {.nothing}", "true 0.5 <nil>")]
    [InlineData("{.nothing.deeper}", "")]
    [InlineData("{.missing.deeper}", "")]
    [InlineData("{.labels.plain}", "x")]
    [InlineData(@"{.labels.omni\.sidero\.dev/arch}", "amd64")]
    [InlineData("{.labels['omni.sidero.dev/arch']}", "amd64")]
    [InlineData("{['name']}", "c1")]
    [InlineData("{.list}", """["a","b","c","d"]""")]
    [InlineData("{.items[1]}", """{"kind":"special","name":"two","size":2}""")]
    [InlineData("{.list[*]}", "a b c d")]
    [InlineData("{.list[0]}", "a")]
    [InlineData("{.list[-1]}", "d")]
    [InlineData("{.list[1:3]}", "b c")]
    [InlineData("{.list[:]}", "a b c d")]
    [InlineData("{.list[-2:]}", "c d")]
    [InlineData("{.list[:2]}", "a b")]
    [InlineData("{.list[0:4:2]}", "a c")]
    [InlineData("{.list[::3]}", "a d")]
    [InlineData("{.list[0,2]}", "a c")]
    [InlineData("{.empty[:]}", "")]
    [InlineData("{.items[*].name}", "one two three")]
    [InlineData("{.items[*]['name','size']}", "one 1 two 2 three 3")]
    [InlineData("{.items[*].tags[*]}", "red blue")]
    [InlineData("{..size}", "1 2 3")]
    [InlineData("{..tags[*]}", "red blue")]
    [InlineData("{.labels.*}", "amd64 x")]
    [InlineData("{.items[?(@.size==2)].name}", "two")]
    [InlineData("{.items[?(@.size!=2)].name}", "one three")]
    [InlineData("{.items[?(@.size>=2)].name}", "two three")]
    [InlineData("{.items[?(@.size < 2)].name}", "one")]
    [InlineData("{.items[?(@.size>1.5)].name}", "two three")]
    [InlineData("{.items[?(@.name==\"three\")].size}", "3")]
    [InlineData("{.items[?(@.name=='one')].size}", "1")]
    [InlineData("{.items[?(@.kind)].name}", "two")]
    [InlineData("{.items[?(@.tags[0]==\"red\")].name}", "one")]
    [InlineData("{range .items[*]}{.name}={.size}{\"\\n\"}{end}", "one=1\ntwo=2\nthree=3\n")]
    [InlineData("{range .items[*]}[{range .tags[*]}{@},{end}]{end}.", "[red,blue,][][].")]
    [InlineData("{'quoted \\'text\\''}{\"\\t\"}", "quoted 'text'\t")]
    [InlineData("no braces", "no braces")]
    [InlineData("{.name .count}", "c15")]
    public void Templates_select_and_print(string template, string expected) =>
        Assert.Equal(expected, Template.Parse(template).Apply(Document));

    [Theory]
    [InlineData("{.name", "unclosed action")]
    [InlineData("{range .items[*]}{.name}", "unterminated range")]
    [InlineData("{end}", "not in range")]
    [InlineData("{.list[0}", "unterminated array")]
    [InlineData("{.list[x]}", "invalid array index x")]
    [InlineData("{.list[1:2:3:4]}", "invalid array index")]
    [InlineData("{.list[]}", "invalid array index")]
    [InlineData("{name}", "unrecognized identifier name")]
    [InlineData("{'open}", "unterminated quoted string")]
    [InlineData("{.items[?(@.a=~1)]}", "unrecognized")]
    [InlineData("{.items[?(@.a==)]}", "lacks one of its sides")]
    [InlineData("{#}", "unrecognized character")]
    public void Broken_templates_are_refused(string template, string reason) =>
        Assert.Contains(reason, Assert.Throws<TemplateException>(() => Template.Parse(template)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("{.list[4]}", "array index out of bounds: index 4, length 4")]
    [InlineData("{.list[-5]}", "array index out of bounds: index -1, length 4")]
    [InlineData("{.list[3:1]}", "starting index 3 is greater than ending index 1")]
    [InlineData("{.list[0:4:0]}", "step must be > 0")]
    [InlineData("{.name[0]}", "c1 is not array or slice")]
    public void Templates_that_do_not_fit_say_why(string template, string reason) =>
        Assert.Equal(reason, Assert.Throws<TemplateException>(() => Template.Parse(template).Apply(Document)).Message);

    [Fact]
    public void A_missing_key_can_be_an_error()
    {
        var template = Template.Parse("{.absent}", MissingKeys.Fail);

        Assert.Equal("absent is not found", Assert.Throws<TemplateException>(() => template.Apply(Document)).Message);
    }

    [Fact]
    public void Deep_nesting_is_refused_instead_of_followed()
    {
        var template = string.Concat(Enumerable.Repeat("{range .a}", 1000));

        Assert.Contains("nested", Assert.Throws<TemplateException>(() => Template.Parse(template)).Message, StringComparison.Ordinal);
    }
}
