namespace Fleethold.Simulator.Machines;

/// <summary>The META partition of a machine: small values under numbers. Thread-safe.</summary>
internal sealed class MetaPartition
{
    /// <summary>The key of the UUID that stands in for the system's own (reference/siderolink.md 2.4).</summary>
    public const uint UuidKey = 15;

    /// <summary>The key of the unique token of the node.</summary>
    public const uint UniqueTokenKey = 16;

    private readonly Lock _gate = new();
    private readonly SortedDictionary<uint, string> _values = [];

    /// <summary>Called after a value has changed, with its key; not called when the same value is written again.</summary>
    public Action<uint>? Changed { get; set; }

    /// <summary>The value of a key; null when it isn't set.</summary>
    public string? this[uint key]
    {
        get
        {
            lock (_gate)
            {
                return _values.GetValueOrDefault(key);
            }
        }
    }

    /// <summary>Sets a value.</summary>
    public void Write(uint key, string value)
    {
        lock (_gate)
        {
            if (_values.GetValueOrDefault(key) == value)
            {
                return;
            }

            _values[key] = value;
        }

        Changed?.Invoke(key);
    }

    /// <summary>Removes a value.</summary>
    /// <returns>False when there was none.</returns>
    public bool Delete(uint key)
    {
        lock (_gate)
        {
            if (!_values.Remove(key))
            {
                return false;
            }
        }

        Changed?.Invoke(key);
        return true;
    }

    /// <summary>Forgets everything without a word, as a machine does that runs from memory and reboots.</summary>
    public void Wipe()
    {
        lock (_gate)
        {
            _values.Clear();
        }
    }
}
