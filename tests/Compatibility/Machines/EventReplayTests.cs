using System.Net;
using Fleethold.Server.Configuration;
using Fleethold.Server.Tests;
using Fleethold.SideroLink.Wire;
using Fleethold.Testing;
using Grpc.Core;
using Grpc.Net.Client;

namespace Fleethold.Compatibility.Machines;

/// <summary>What machines sent into the event sink of the original, by a stranger: the recorder stood between, so its own address was the sender.</summary>
public class EventReplayTests
{
    private const string RecordedSender = "fdae:41e4:649b:9303::1";

    [Fact]
    [Trait("Category", Vectors.Category)]
    public async Task A_stranger_is_answered_as_the_original_answered_it()
    {
        await using var server = await RunningServer.Start(configuration => configuration with
        {
            SideroLink = SideroLinkSettings.Off with { SinkAddress = IPAddress.Loopback, EventSinkPort = 0, LogServerPort = 0 },
        });
        var client = new EventSinkService.EventSinkServiceClient(server.Keep(GrpcChannel.ForAddress($"http://127.0.0.1:{server.EventSinkPort}")));
        var counts = new Dictionary<StatusCode, int>();
        foreach (var call in RecordedCall.Of("transcripts/events.jsonl"))
        {
            var request = EventRequest.Parser.ParseFrom(call.Requests[0]);

            var status = await RunningServer.StatusOf(() => client.PublishAsync(request, cancellationToken: Deadline.Token).ResponseAsync);

            Assert.Equal(call.Status, status.StatusCode);
            Assert.Equal(call.Message.Replace(RecordedSender, "127.0.0.1", StringComparison.Ordinal), status.Detail);
            counts[status.StatusCode] = counts.GetValueOrDefault(status.StatusCode) + 1;
        }

        Assert.Equal((35, 113), (counts[StatusCode.OK], counts[StatusCode.Unknown]));
    }
}
