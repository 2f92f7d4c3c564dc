using System.Runtime.CompilerServices;
using Fleethold.Resources.Wire;
using Resource = Fleethold.Resources.Resource;

namespace Fleethold.Server.Api;

/// <summary>Encodes resources for replies. What was encoded lately is remembered: a write is answered once and then seen by many watches.</summary>
internal sealed class ResourceForms
{
    private const int Remembered = 512;

    /// <summary>Larger ones aren't remembered, so that the memory for all of them stays below 8 MiB.</summary>
    private const int MaxRemembered = 16 * 1024;

    private readonly Entry?[] _lately = new Entry?[Remembered];

    /// <summary>The encoded <c>cosi.resource.Resource</c>, with both forms of the spec.</summary>
    public ReadOnlyMemory<byte> Encode(Resource resource)
    {
        var slot = (uint)RuntimeHelpers.GetHashCode(resource) % Remembered;
        if (Volatile.Read(ref _lately[slot]) is { } known && ReferenceEquals(known.Resource, resource))
        {
            return known.Bytes;
        }

        var bytes = ResourceCodec.Encode(resource);
        if (bytes.Length <= MaxRemembered)
        {
            Volatile.Write(ref _lately[slot], new Entry(resource, bytes));
        }

        return bytes;
    }

    private sealed record Entry(Resource Resource, byte[] Bytes);
}
