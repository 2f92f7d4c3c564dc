namespace Fleethold.Fuzz.Engine;

/// <summary>Pseudo-random numbers that depend on seed and run only (SplitMix64), so that any single run can be repeated.</summary>
internal struct FuzzRandom(ulong seed, ulong run)
{
    private ulong _state = Mix(seed) ^ Mix(run + 0x632B_E59B_D9B4_E019);

    public ulong Next()
    {
        _state += 0x9E37_79B9_7F4A_7C15;
        return Mix(_state);
    }

    /// <summary>From 0 to below the limit, which must be positive.</summary>
    public int Below(int limit) => (int)((UInt128)Next() * (uint)limit >> 64);

    public T Pick<T>(IReadOnlyList<T> items) => items[Below(items.Count)];

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58_476D_1CE4_E5B9;
        value = (value ^ (value >> 27)) * 0x94D0_49BB_1331_11EB;
        return value ^ (value >> 31);
    }
}
