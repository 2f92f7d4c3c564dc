using System.Numerics;
using System.Runtime.InteropServices;
using SharpFuzz.Common;

namespace Fleethold.Fuzz.Coverage;

/// <summary>Which branches were taken how often: a byte per edge, counted by the instrumented code.</summary>
internal sealed unsafe class CoverageMap : IDisposable
{
    private const int Size = 1 << 16;

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

    /// <summary>Adds what was counted since <see cref="Clear"/>; true when there was something new.</summary>
    public bool Absorb()
    {
        var found = false;
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
                    _seen[index] |= bit;
                    found = true;
                }
            }
        }

        return found;
    }

    public void Dispose()
    {
        // The instrumented code writes into it as long as it runs, so it must go to the end.
        Trace.SharedMem = _counts;
    }
}
