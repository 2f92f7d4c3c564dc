using Fleethold.Runtime;
using Grpc.Core;
using Wire = Fleethold.Resources.Wire;

namespace Fleethold.Server.Api;

/// <summary>Sends the events of one watch, alone or several in a message, as its client asked for.</summary>
internal sealed class WatchSender(ResourceForms forms, IServerStreamWriter<WatchReply> stream, Wire.WatchRequest request, Compression compression)
{
    /// <summary>So many events at most go into one message, and no more are added once it has <see cref="FullMessage"/> bytes: clients have limits too.</summary>
    private const int MaxEvents = 256;

    private const int FullMessage = 256 * 1024;

    private readonly bool _aggregated = request.Options?.Aggregated ?? false;

    /// <summary>Clients of the first version know neither Bootstrapped nor Errored (reference/resources.md 2.7).</summary>
    private readonly bool _knowsAll = request.ApiVersion >= 1;

    /// <summary>Sends what there is. False when there was nothing.</summary>
    public async Task<bool> Send(IWatch watch)
    {
        var events = watch.TakeAvailable(MaxEvents);
        if (events.Count == 0)
        {
            return false;
        }

        var batch = new List<EncodedEvent>(_aggregated ? events.Count : 1);
        var size = 0;
        foreach (var one in events)
        {
            if (!_knowsAll && one.Type == EventType.Errored)
            {
                throw new RpcException(new Status(StatusCode.Aborted, one.Error ?? "the watch failed"));
            }

            if (!_knowsAll && one.Type == EventType.Bootstrapped)
            {
                continue;
            }

            var encoded = new EncodedEvent(
                one.Type, forms.Encode(one.Resource), one.Old is null ? default : forms.Encode(one.Old), one.Bookmark, one.Error);
            batch.Add(encoded);
            size += encoded.Size;
            if (!_aggregated || size >= FullMessage)
            {
                await Write(batch, size);
                (batch, size) = (new List<EncodedEvent>(), 0);
            }
        }

        if (batch.Count > 0)
        {
            await Write(batch, size);
        }

        return true;
    }

    private Task Write(List<EncodedEvent> batch, int size)
    {
        stream.WriteOptions = compression.For(size);
        return stream.WriteAsync(new WatchReply(batch));
    }
}
