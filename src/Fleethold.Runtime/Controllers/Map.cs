using Fleethold.Resources;
using Fleethold.Resources.Queries;
using Google.Protobuf;

namespace Fleethold.Runtime.Controllers;

/// <summary>The usual ways from a changed resource to the items that it concerns.</summary>
public static class Map
{
    /// <summary>The item of the same id.</summary>
    public static IEnumerable<string> SameId(Metadata metadata) => [metadata.Id];

    /// <summary>The item that a label names; none without the label.</summary>
    public static Func<Metadata, IEnumerable<string>> Label(string key) =>
        metadata => metadata.Labels.TryGetValue(key, out var id) ? [id] : [];

    /// <summary>Always the same items.</summary>
    public static Func<Metadata, IEnumerable<string>> To(params string[] ids) => _ => ids;

    /// <summary>The ids of all resources of a kind whose label has the changed resource's id as its value: for a change of the parent.</summary>
    public static Func<ControllerReader, Resource, CancellationToken, ValueTask<IEnumerable<string>>> Labelled<TSpec>(ResourceKind<TSpec> kind, string key)
        where TSpec : class, IMessage<TSpec>, new() =>
        async (reader, resource, cancellation) =>
            (await reader.List(kind, ResourceQuery.By(LabelQuery.Equal(key, resource.Metadata.Id)), cancellation)).Select(one => one.Metadata.Id);
}
