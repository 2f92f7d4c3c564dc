using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Fleethold.Runtime;

namespace Fleethold.Storage.Tests;

/// <summary>Makes changes as a state would.</summary>
internal sealed class Changes
{
    private readonly Dictionary<string, (Resource Resource, long CreateRevision)> _present = [];

    public long Revision { get; set; }

    public IReadOnlyDictionary<string, (Resource Resource, long CreateRevision)> Present => _present;

    public Mutation Put(string id, string content)
    {
        Revision++;
        var createRevision = _present.TryGetValue(id, out var old) ? old.CreateRevision : Revision;
        var version = old.Resource is null ? ResourceVersion.First : old.Resource.Metadata.Version.Next();
        var metadata = new Metadata(Kinds.ConfigPatches.Named(id)) { Version = version };
        var resource = new Resource<ConfigPatchSpec>(metadata, new ConfigPatchSpec { Data = content });
        _present[id] = (resource, createRevision);
        return new Mutation(Revision, resource, createRevision, IsDestroy: false);
    }

    public Mutation Destroy(string id)
    {
        Revision++;
        _present.Remove(id, out var old);
        return new Mutation(Revision, old.Resource, old.CreateRevision, IsDestroy: true);
    }

    public static string Content(Resource resource) => ((Resource<ConfigPatchSpec>)resource).Spec.Data;

    /// <summary>The loaded resources must be those present.</summary>
    public void ShouldBe(LoadedState loaded)
    {
        Assert.Equal(Revision, loaded.Revision);
        var wanted = _present.Values.OrderBy(one => one.Resource.Metadata.Id).Select(one => (one.Resource.ToString(), Content(one.Resource), one.CreateRevision));
        var got = loaded.Resources.OrderBy(one => one.Resource.Metadata.Id).Select(one => (one.Resource.ToString(), Content(one.Resource), one.CreateRevision));
        Assert.Equal(wanted, got);
    }
}
