using Fleethold.Cli.Output;

namespace Fleethold.Cli.Tests.Output;

public class TabTableTests
{
    [Fact]
    public void Columns_are_three_blanks_wider_than_their_widest_cell_and_the_last_one_is_not_padded()
    {
        var table = new TabTable();
        table.Add("NAMESPACE", "ID", "READY");
        table.Add("default", "a-long-id", "");
        table.Add("x", "", "true");

        Assert.Equal("NAMESPACE   ID          READY\ndefault     a-long-id   \nx                       true\n", table.TakeText());
    }

    [Fact]
    public void Width_counts_characters_and_not_bytes_or_code_units()
    {
        var table = new TabTable();
        table.Add("é😀", "|");
        table.Add("abc", "|");

        Assert.Equal("é😀    |\nabc   |\n", table.TakeText());
    }

    [Fact]
    public void Rows_that_come_later_stay_under_the_headings()
    {
        var table = new TabTable();
        table.Add("A-LONG-HEADING", "B");
        table.TakeText();
        table.Add("x", "y");

        Assert.Equal("x                y\n", table.TakeText());
    }

    [Fact]
    public void A_cell_cannot_break_the_table_or_steer_the_terminal()
    {
        var table = new TabTable();
        table.Add("a\nb\tc\u001b[2J", "d");

        Assert.Equal("a b c [2J   d\n", table.TakeText());
    }
}
