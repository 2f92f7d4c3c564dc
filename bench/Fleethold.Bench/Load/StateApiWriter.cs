using System.Globalization;
using Fleethold.Resources.Wire;
using Google.Protobuf;

namespace Fleethold.Bench.Load;

/// <summary>Writes through the gRPC State API. It knows which version its resource has; a wrong one would be a conflict, and end the run.</summary>
internal sealed class StateApiWriter : ILoadWriter
{
    private readonly string _name;
    private readonly Payload _payload;
    private readonly CreateRequest _create;
    private readonly UpdateRequest _update;
    private long _number = -1;

    public StateApiWriter(string name, Payload payload)
    {
        (_name, _payload) = (name, payload);
        var resource = BenchResources.OnTheWire(name, payload, 0);
        (_create, _update) = (new CreateRequest { Resource = resource, Options = new() }, new UpdateRequest { NewResource = resource, Options = new() });
    }

    /// <inheritdoc/>
    public string NextMethod => IsCreate ? "/cosi.resource.State/Create" : "/cosi.resource.State/Update";

    private bool IsCreate => (_number & 3) == 0;

    private IMessage Next => IsCreate ? _create : _update;

    /// <inheritdoc/>
    public int NextSize()
    {
        var step = ++_number & 3;
        var resource = _create.Resource;
        if (step == 0)
        {
            resource.Metadata.Id = $"{_name}-{_number >> 2}";
        }

        resource.Metadata.Version = step == 0 ? "undefined" : step.ToString(CultureInfo.InvariantCulture);
        resource.Spec.ProtoSpec = UnsafeByteOperations.UnsafeWrap(BenchResources.SpecBytes(_payload, _number));
        return Next.CalculateSize();
    }

    /// <inheritdoc/>
    public void WriteNext(Span<byte> request) => Next.WriteTo(request);
}
