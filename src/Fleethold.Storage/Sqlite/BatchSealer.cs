using Fleethold.Runtime;
using Fleethold.Storage.Sealing;

namespace Fleethold.Storage.Sqlite;

/// <summary>Seals the changes of a commit and appends them in their order: half of a large one on another core meanwhile.</summary>
internal sealed class BatchSealer(KeyRing ring) : IDisposable
{
    // Below so many changes a second thread costs more than it helps.
    private const int WorthHelp = 16;

    private readonly RowSealer _helperSealer = new(ring);
    private readonly RowBuffer _rows = new();
    private readonly RowBuffer _helperRows = new();

    /// <summary>The sealer of the calling thread.</summary>
    public RowSealer Sealer { get; } = new(ring);

    public void Append(IReadOnlyList<Mutation> changes, LogTable table)
    {
        if (changes.Count < WorthHelp)
        {
            Seal(changes, 0, changes.Count, Sealer, _rows);
            Append(_rows, table);
        }
        else
        {
            var half = changes.Count / 2;
            using var help = new SealingHelp(() => Seal(changes, half, changes.Count, _helperSealer, _helperRows));
            Seal(changes, 0, half, Sealer, _rows);
            Append(_rows, table);
            help.Join();
            Append(_helperRows, table);
        }

        SupersedeOldNames(changes, table);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Sealer.Dispose();
        _helperSealer.Dispose();
    }

    private static void Seal(IReadOnlyList<Mutation> changes, int from, int to, RowSealer sealer, RowBuffer rows)
    {
        rows.Clear();
        for (var index = from; index < to; index++)
        {
            sealer.Seal(changes[index], rows);
        }
    }

    private static void Append(RowBuffer rows, LogTable table)
    {
        for (var row = 0; row < rows.Count; row++)
        {
            table.Append(rows.Head(row), rows.Body(row));
        }

        rows.Clear();
    }

    // While a rotation is under way a resource may have a row under its name of before.
    private void SupersedeOldNames(IReadOnlyList<Mutation> changes, LogTable table)
    {
        if (!ring.IsRotating)
        {
            return;
        }

        Span<byte> name = stackalloc byte[RowHead.KeyLength];
        foreach (var change in changes)
        {
            foreach (var key in ring.Keys.SkipLast(1))
            {
                Sealer.NameRow(key, change.Resource.Ref, name);
                table.Supersede(name);
            }
        }
    }
}
