using System.Text;

namespace Fleethold.Cli.Output;

/// <summary>
/// Aligns columns with three spaces between them, as omnictl's tables have it. Every cell but the last of a row is padded to its column;
/// the last one ends the line without blanks. Widths are counted in Unicode characters.
/// </summary>
internal sealed class TabTable
{
    private const int Gap = 3;

    private readonly List<string[]> _rows = [];
    private readonly List<int> _widths = [];

    /// <summary>Adds a row. Control characters inside a cell become blanks: they would break the table or steer the terminal.</summary>
    public void Add(params ReadOnlySpan<string> cells)
    {
        var row = new string[cells.Length];
        for (var i = 0; i < cells.Length; i++)
        {
            row[i] = OneLine(cells[i]);
        }

        _rows.Add(row);
    }

    /// <summary>
    /// The lines of all rows added since the last call. Columns never get narrower from one call to the next,
    /// so that the rows of a watch stay under their headings.
    /// </summary>
    public string TakeText()
    {
        foreach (var row in _rows)
        {
            for (var i = 0; i < row.Length - 1; i++)
            {
                if (_widths.Count <= i)
                {
                    _widths.Add(0);
                }

                _widths[i] = Math.Max(_widths[i], Width(row[i]));
            }
        }

        var text = new StringBuilder();
        foreach (var row in _rows)
        {
            for (var i = 0; i < row.Length - 1; i++)
            {
                text.Append(row[i]).Append(' ', _widths[i] + Gap - Width(row[i]));
            }

            text.Append(row[^1]).Append('\n');
        }

        _rows.Clear();
        return text.ToString();
    }

    private static int Width(string text) => text.EnumerateRunes().Count();

    private static string OneLine(string cell) =>
        cell.Any(char.IsControl) ? string.Concat(cell.Select(letter => char.IsControl(letter) ? ' ' : letter)) : cell;
}
