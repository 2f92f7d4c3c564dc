using System.Text;

namespace Fleethold.Bench.Load;

/// <summary>Content of a given size that doesn't compress well and is the same in every run.</summary>
internal sealed class Payload
{
    private const int Variants = 256;
    private readonly byte[][] _variants;

    /// <summary>Content of exactly this many bytes.</summary>
    public Payload(int size)
    {
        Size = size;
        var random = new Random(20_260_101);
        _variants = new byte[Variants][];
        for (var i = 0; i < Variants; i++)
        {
            var noise = new byte[size];
            random.NextBytes(noise);
            _variants[i] = Encoding.ASCII.GetBytes(Convert.ToBase64String(noise)[..size]);
        }
    }

    /// <summary>Bytes of each content.</summary>
    public int Size { get; }

    /// <summary>Some content; the next numbers give others.</summary>
    public byte[] Bytes(long number) => _variants[number % Variants];
}
