using Fleethold.Resources;
using Fleethold.Resources.Specs;

namespace Fleethold.Scenarios.Crash;

/// <summary>What the killed process said: from it follows what must be in the store, and what may be.</summary>
internal sealed class CrashLedger
{
    private readonly Dictionary<string, Entry> _entries = [];

    /// <summary>The number of acknowledged writes.</summary>
    public int Acknowledged { get; private set; }

    /// <summary>The number of writes that the store refused.</summary>
    public int Refused { get; private set; }

    public void Read(string line)
    {
        if (line.Split(' ') is not [var word, var id, var token])
        {
            return;
        }

        if (!_entries.TryGetValue(id, out var entry))
        {
            _entries[id] = entry = new Entry();
        }

        if (word == "try")
        {
            entry.Tried.Add(token);
        }
        else if (word == "refused")
        {
            Refused++;
        }
        else
        {
            Acknowledged++;
            entry.Tried.Clear();
            entry.Last = token;
        }
    }

    /// <summary>
    /// What is wrong with what was found after a crash. From then on what was found is what must be there: the tries of a dead process are decided.
    /// </summary>
    public List<string> Settle(IEnumerable<Resource> found)
    {
        var wrong = new List<string>();
        var present = found.ToDictionary(resource => resource.Metadata.Id, resource => ((Resource<ConfigPatchSpec>)resource).Spec.Data);
        foreach (var id in present.Keys.Except(_entries.Keys))
        {
            wrong.Add($"{id} was never written");
        }

        foreach (var (id, entry) in _entries)
        {
            var content = present.GetValueOrDefault(id);
            var token = content is null ? CrashWriter.Gone : content.Split(' ')[0];
            if (content is not null && content != CrashWriter.Content(token))
            {
                wrong.Add($"{id} has a half write of {token}");
            }
            else if (token != entry.Last && !entry.Tried.Contains(token))
            {
                wrong.Add($"{id} is {token}, but {entry.Last} was acknowledged and after it only tried: {string.Join(' ', entry.Tried)}");
            }

            entry.Last = token;
            entry.Tried.Clear();
        }

        return wrong;
    }

    private sealed class Entry
    {
        public string Last { get; set; } = CrashWriter.Gone;

        public HashSet<string> Tried { get; } = [];
    }
}
