using System.Globalization;
using Fleethold.Bench.Peers;
using Fleethold.Resources;
using Fleethold.Resources.Wire;
using Fleethold.Runtime;

namespace Fleethold.Bench.Load;

/// <summary>Stores with many resources of 1 KiB.</summary>
internal static class Filling
{
    private const int Writers = 512;

    /// <summary>The id of the resource with this number.</summary>
    public static string Id(int number) => number.ToString("D7", CultureInfo.InvariantCulture);

    /// <summary>Writes so many resources into the store of a server, which is started and stopped for it.</summary>
    public static async Task Server(string folder, int count, Func<int, StringMap> labels, CancellationToken cancellation)
    {
        await using var server = await FleetholdServer.Start(folder, cancellation);
        using var channels = new Channels(8, server.Connect);
        var payload = new Payload(1024);
        await Each(count, async (writer, number) => await new State.StateClient(channels[writer]).CreateAsync(
            new CreateRequest { Resource = BenchResources.OnTheWire(Id(number), payload, number, labels(number)), Options = new() },
            cancellationToken: cancellation));
    }

    /// <summary>Writes so many resources into a state.</summary>
    public static Task State(IState state, int count, Func<int, StringMap> labels, CancellationToken cancellation)
    {
        var payload = new Payload(1024);
        return Each(count, async (_, number) =>
        {
            var created = await state.Create(BenchResources.New(Id(number), payload, number, labels(number)), cancellation: cancellation);
            if (created.Fault is { } fault)
            {
                throw new FaultException(fault);
            }
        });
    }

    /// <summary>Fails unless a server has exactly so many of these resources.</summary>
    public static async Task Verify(FleetholdServer server, int count, CancellationToken cancellation)
    {
        using var channel = server.Connect();
        using var call = new State.StateClient(channel).List(
            new ListRequest { Namespace = Kinds.ConfigPatches.Namespace, Type = Kinds.ConfigPatches.Type, Options = new() }, cancellationToken: cancellation);
        var found = 0;
        while (await call.ResponseStream.MoveNext(cancellation))
        {
            found++;
        }

        if (found != count)
        {
            throw new InvalidOperationException($"the server has {found} resources instead of {count}");
        }
    }

    private static Task Each(int count, Func<int, int, Task> write)
    {
        var next = -1;
        return Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            int number;
            while ((number = Interlocked.Increment(ref next)) < count)
            {
                await write(writer, number);
            }
        })));
    }
}
