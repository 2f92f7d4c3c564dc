using Fleethold.Cli.Diff;

namespace Fleethold.Cli.Tests.Diff;

public class TextDiffTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("same", "same")]
    [InlineData("", "new")]
    [InlineData("old", "")]
    [InlineData("version: 2\n", "version: undefined\n")]
    [InlineData("2026-11-23T13:48:23Z", "0001-01-01T00:00:00Z")]
    [InlineData("a shared middle that is long enough and some", "another shared middle that is long enough, yes")]
    [InlineData("abcabcabc", "cbacbacba")]
    public void Edits_lead_from_the_old_text_to_the_new_one(string old, string @new) => CheckEdits(old, @new);

    [Fact]
    public void Edits_lead_from_any_text_to_any_other()
    {
        var random = new Random(4711);
        for (var round = 0; round < 2000; round++)
        {
            CheckEdits(Text(random), Text(random));
        }

        static string Text(Random random) => string.Concat(Enumerable.Range(0, random.Next(40)).Select(_ => (char)('a' + random.Next(3))));
    }

    [Fact]
    public void A_changed_word_is_one_deletion_and_one_insertion()
    {
        var edits = TextDiff.Compare("phase: running\n", "phase: halting\n");

        Assert.Equal("phase: \u001b[31mrunn\u001b[0m\u001b[32mhalt\u001b[0ming\n", TextDiff.Colored(edits));
    }

    [Fact]
    public void Large_texts_that_share_nothing_are_compared_in_bounded_time()
    {
        var old = new string('a', 200_000);
        var @new = new string('b', 200_000);

        Assert.Equal(2, TextDiff.Compare(old, @new).Count);
    }

    private static void CheckEdits(string old, string @new)
    {
        var edits = TextDiff.Compare(old, @new);

        Assert.Equal(old, string.Concat(edits.Where(edit => edit.Kind != EditKind.Insert).Select(edit => edit.Text)));
        Assert.Equal(@new, string.Concat(edits.Where(edit => edit.Kind != EditKind.Delete).Select(edit => edit.Text)));
        Assert.DoesNotContain(edits, edit => edit.Text.Length == 0);
        Assert.All(edits.Zip(edits.Skip(1)), pair => Assert.NotEqual(pair.First.Kind, pair.Second.Kind));
    }
}
