namespace Fleethold.Storage.Sealing;

/// <summary>
/// The open master keys of a store: one that seals, and while a rotation is under way those before it. Immutable but for
/// <see cref="Replace"/>, which lanes notice with their next row.
/// </summary>
internal sealed class KeyRing(IReadOnlyList<MasterKey> keys)
{
    private volatile IReadOnlyList<MasterKey> _keys = keys;

    /// <summary>All keys, the current one last.</summary>
    public IReadOnlyList<MasterKey> Keys => _keys;

    public MasterKey Current => _keys[^1];

    /// <summary>True while rows may be sealed with an older key.</summary>
    public bool IsRotating => _keys.Count > 1;

    public MasterKey? Find(uint id)
    {
        foreach (var key in _keys)
        {
            if (key.Id == id)
            {
                return key;
            }
        }

        return null;
    }

    public void Replace(IReadOnlyList<MasterKey> keys) => _keys = keys;
}
