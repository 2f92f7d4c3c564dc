using System.Numerics;
using System.Runtime.InteropServices;
using SharpFuzz.Common;

namespace Fleethold.Fuzz.Coverage;

/// <summary>What an input reached that none before it did.</summary>
internal enum Novelty
{
    None,

    /// <summary>A known branch, taken another number of times.</summary>
    Count,

    /// <summary>A branch.</summary>
    Edge,
}

/// <summary>Which branches were taken how often: a byte per edge, counted by the instrumented code.</summary>
internal sealed unsafe class CoverageMap
{
    private const int Size = 1 << 16;

    // Never freed: the instrumented code writes into it as long as the process lives.
    private readonly byte* _counts = (byte*)NativeMemory.AllocZeroed(Size);

    // One bit for each class of counts that any input reached: 1, 2, 3, 4 to 7, 8 to 15, and so on.
    private readonly byte[] _seen = new byte[Size];

    public CoverageMap() => Trace.SharedMem = _counts;

    /// <summary>Edges that any input took.</summary>
    public int Edges { get; private set; }

    public void Clear()
    {
        new Span<byte>(_counts, Size).Clear();
        Trace.PrevLocation = 0;
    }

    /// <summary>Adds what was counted since <see cref="Clear"/>; says what was new.</summary>
    public Novelty Absorb()
    {
        var found = Novelty.None;
        var counts = new ReadOnlySpan<byte>(_counts, Size);
        for (var start = 0; start < Size; start += Vector<byte>.Count)
        {
            if (Vector.EqualsAll(new Vector<byte>(counts[start..]), Vector<byte>.Zero))
            {
                continue;
            }

            for (var index = start; index < start + Vector<byte>.Count; index++)
            {
                if (counts[index] == 0)
                {
                    continue;
                }

                var bit = (byte)(1 << Math.Min(7, counts[index] <= 3 ? counts[index] - 1 : BitOperations.Log2(counts[index]) + 1));
                if ((_seen[index] & bit) == 0)
                {
                    Edges += _seen[index] == 0 ? 1 : 0;
                    found = _seen[index] == 0 || found == Novelty.Edge ? Novelty.Edge : Novelty.Count;
                    _seen[index] |= bit;
                }
            }
        }

        return found;
    }
}
