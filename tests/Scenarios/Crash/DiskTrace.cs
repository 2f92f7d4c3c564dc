using System.Buffers.Binary;
using System.Text;

namespace Fleethold.Scenarios.Crash;

/// <summary>One thing done to a file of the traced folder, as tools/fsync-shim writes it down.</summary>
/// <param name="Kind">C created, W written, T truncated, S synced, U removed.</param>
/// <param name="Name">The file.</param>
/// <param name="Offset">Where it was written, or the new size.</param>
/// <param name="Data">What was written.</param>
internal readonly record struct DiskRecord(char Kind, string Name, long Offset, ReadOnlyMemory<byte> Data)
{
    public static List<DiskRecord> ReadAll(string trace)
    {
        ReadOnlyMemory<byte> bytes = File.ReadAllBytes(trace);
        var records = new List<DiskRecord>();
        while (bytes.Length > 0)
        {
            var head = bytes.Span;
            var name = Encoding.UTF8.GetString(head.Slice(2, head[1]));
            var numbers = head[(2 + head[1])..];
            var length = (int)BinaryPrimitives.ReadUInt32LittleEndian(numbers[8..]);
            var start = 14 + head[1];
            records.Add(new((char)head[0], name, BinaryPrimitives.ReadInt64LittleEndian(numbers), bytes.Slice(start, length)));
            bytes = bytes[(start + length)..];
        }

        return records;
    }
}

/// <summary>The files of a folder as a disk holds them: what was synced for sure, and of the rest any part.</summary>
internal sealed class DiskImage
{
    private const int Sector = 512;

    private readonly Dictionary<string, (MemoryStream Durable, List<DiskRecord> Later)> _files = [];

    public void Apply(in DiskRecord record)
    {
        if (record.Kind == 'U')
        {
            _files.Remove(record.Name);
            return;
        }

        if (record.Kind == 'C' || !_files.TryGetValue(record.Name, out var file))
        {
            _files[record.Name] = file = (new MemoryStream(), []);
        }

        switch (record.Kind)
        {
            case 'W' or 'T':
                file.Later.Add(record);
                break;
            case 'S':
                file.Later.ForEach(later => Write(file.Durable, later));
                file.Later.Clear();
                break;
        }
    }

    /// <summary>Writes the files as they may be after a power cut now: of each write since the last sync nothing, all, or some sectors are there.</summary>
    public void CutPower(string folder, Random random)
    {
        Directory.CreateDirectory(folder);
        foreach (var (name, (durable, later)) in _files)
        {
            var content = new MemoryStream();
            durable.WriteTo(content);
            foreach (var record in later)
            {
                switch (random.Next(3))
                {
                    case 0:
                        Write(content, record);
                        break;
                    case 1 when record.Kind == 'W':
                        Tear(content, record, random);
                        break;
                }
            }

            File.WriteAllBytes(Path.Combine(folder, name), content.ToArray());
        }
    }

    private static void Tear(MemoryStream content, in DiskRecord record, Random random)
    {
        for (var at = 0; at < record.Data.Length; at += Sector)
        {
            if (random.Next(2) == 0)
            {
                Write(content, record with { Offset = record.Offset + at, Data = record.Data.Slice(at, int.Min(Sector, record.Data.Length - at)) });
            }
        }
    }

    private static void Write(MemoryStream content, in DiskRecord record)
    {
        if (record.Kind == 'T')
        {
            content.SetLength(record.Offset);
            return;
        }

        content.Position = record.Offset;
        content.Write(record.Data.Span);
    }
}
