using Fleethold.Resources.Wire;

namespace Fleethold.Bench.Load;

/// <summary>Writes through the gRPC State API.</summary>
internal sealed class StateApiWriter(State.StateClient client, string name, Payload payload) : IWriter
{
    private long _written;
    private string _version = "";

    /// <inheritdoc/>
    public async Task Write(CancellationToken cancellation)
    {
        var number = _written++;
        var resource = BenchResources.OnTheWire($"{name}-{number / 4}", payload, number);
        if (number % 4 == 0)
        {
            var created = await client.CreateAsync(new CreateRequest { Resource = resource, Options = new() }, cancellationToken: cancellation);
            _version = created.Resource.Metadata.Version;
        }
        else
        {
            resource.Metadata.Version = _version;
            var updated = await client.UpdateAsync(new UpdateRequest { NewResource = resource, Options = new() }, cancellationToken: cancellation);
            _version = updated.Resource.Metadata.Version;
        }
    }
}
