using Fleethold.Resources.Specs;
using Fleethold.Resources.Wire;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Metadata = Fleethold.Resources.Wire.Metadata;

namespace Fleethold.Server.Tests;

/// <summary>Requests that tests send, and short ways to send them.</summary>
internal static class Messages
{
    public const string Clusters = "Clusters.omni.sidero.dev";

    public static Resource Cluster(string id, string version = "undefined", string talos = "1.9.0", params (string Key, string Value)[] labels)
    {
        var resource = new Resource
        {
            Metadata = new Metadata
            {
                Namespace = "default",
                Type = Clusters,
                Id = id,
                Version = version,
                Phase = "running",
                Created = new Timestamp { Seconds = 1_700_000_000 },
                Updated = new Timestamp { Seconds = 1_700_000_000 },
            },
            Spec = new Spec { ProtoSpec = new ClusterSpec { TalosVersion = talos }.ToByteString() },
        };
        foreach (var (key, value) in labels)
        {
            resource.Metadata.Labels.Add(key, value);
        }

        return resource;
    }

    public static async Task<Resource> CreateCluster(this State.StateClient client, string id, params (string Key, string Value)[] labels) =>
        (await client.CreateAsync(new CreateRequest { Resource = Cluster(id, labels: labels), Options = new CreateOptions() })).Resource;

    public static async Task<Resource> GetCluster(this State.StateClient client, string id) =>
        (await client.GetAsync(new GetRequest { Namespace = "default", Type = Clusters, Id = id, Options = new GetOptions() })).Resource;

    public static async Task<Resource> UpdateCluster(this State.StateClient client, Resource changed, UpdateOptions? options = null) =>
        (await client.UpdateAsync(new UpdateRequest { NewResource = changed, Options = options ?? new UpdateOptions() })).Resource;

    public static async Task<List<Resource>> ListClusters(this State.StateClient client, ListOptions? options = null, Grpc.Core.Metadata? headers = null)
    {
        using var call = client.List(new ListRequest { Namespace = "default", Type = Clusters, Options = options ?? new ListOptions() }, headers);
        var all = new List<Resource>();
        await foreach (var one in call.ResponseStream.ReadAllAsync(Fleethold.Testing.Deadline.Token))
        {
            all.Add(one.Resource);
        }

        return all;
    }

    public static WatchRequest WatchClusters(WatchOptions? options = null, int apiVersion = 1) =>
        new() { Namespace = "default", Type = Clusters, Options = options ?? new WatchOptions(), ApiVersion = apiVersion };

    public static WatchRequest WatchCluster(string id, WatchOptions? options = null)
    {
        var request = WatchClusters(options);
        request.Id = id;
        return request;
    }

    /// <summary>The next message of a stream; fails when the stream ends.</summary>
    public static async Task<T> Next<T>(this AsyncServerStreamingCall<T> call)
    {
        Assert.True(await Fleethold.Testing.Deadline.Within(call.ResponseStream.MoveNext(CancellationToken.None)), "the stream ended");
        return call.ResponseStream.Current;
    }

    /// <summary>The next message's only event.</summary>
    public static async Task<Event> NextEvent(this AsyncServerStreamingCall<WatchResponse> call) => Assert.Single((await call.Next()).Event);
}
