using Fleethold.Resources;
using Fleethold.Resources.Queries;
using Fleethold.Resources.Wire;
using Fleethold.Runtime;
using WireResource = Fleethold.Resources.Wire.Resource;

namespace Fleethold.Compatibility;

/// <summary>
/// What a recorded session has shown of the original's resources so far, kept the same in our server. Before a call it is brought to where the original
/// must have been; what changed there unseen (by controllers, or by calls that aren't replayed) is taken from the answer that shows it first.
/// </summary>
internal sealed class World(IState state)
{
    private readonly Dictionary<ResourceRef, WireResource> _seen = [];

    /// <summary>So many resources were as earlier answers had left them when they were read.</summary>
    public int Foretold { get; private set; }

    /// <summary>So many had to be taken from the answer that showed them.</summary>
    public int Learned { get; private set; }

    /// <summary>Makes a resource be there just as an answer shows it, but for its version and times.</summary>
    public async Task Has(WireResource shown)
    {
        var resource = ResourceCodec.FromProto(shown).Value;
        if (resource.Ref.Namespace == Namespaces.Meta || resource.Ref == Kinds.SysVersions.Named("current"))
        {
            // The server makes these itself; they must be right without help.
            return;
        }

        if (_seen.TryGetValue(resource.Ref, out var known) && known.Equals(shown))
        {
            Foretold++;
            return;
        }

        Learned++;
        _seen[resource.Ref] = shown;
        var present = await state.Get(resource.Ref);
        if (present.Fault is not null)
        {
            (await state.Create(resource, resource.Metadata.Owner)).Value.ToString();
            return;
        }

        var owner = present.Value.Metadata.Owner;
        if (owner != resource.Metadata.Owner)
        {
            await HasNot(resource.Ref);
            await Has(shown);
            return;
        }

        _ = (await state.Update(resource.With(resource.Metadata with { Version = present.Value.Metadata.Version }), owner, null)).Value;
    }

    /// <summary>Makes a resource not be there.</summary>
    public async Task HasNot(ResourceRef reference)
    {
        _seen.Remove(reference);
        var present = await state.Get(reference);
        if (present.Succeeded(out var resource, out _))
        {
            var owner = resource.Metadata.Owner;
            if (!resource.Metadata.Finalizers.IsEmpty)
            {
                _ = (await state.Update(resource.With(resource.Metadata with { Finalizers = [] }), owner, null)).Value;
            }

            _ = (await state.Destroy(reference, owner)).Value;
        }
    }

    /// <summary>Makes exactly these resources be what a query finds; what it doesn't cover stays.</summary>
    public async Task Lists(KindRef kind, ResourceQuery query, IReadOnlyList<WireResource> shown)
    {
        foreach (var one in shown)
        {
            await Has(one);
        }

        var names = shown.Select(one => one.Metadata.Id).ToHashSet();
        if (kind.Namespace == Namespaces.Meta)
        {
            return;
        }

        foreach (var present in (await state.List(kind, query)).Value.Where(one => !names.Contains(one.Metadata.Id)))
        {
            await HasNot(present.Ref);
        }
    }

    /// <summary>Remembers how a write has left a resource; the server did the same by itself.</summary>
    public void Wrote(WireResource shown) => _seen[RefOf(shown)] = shown;

    /// <summary>The version that our server has given a resource.</summary>
    public async Task<string> VersionOf(ResourceRef reference) => (await state.Get(reference)).Value.Metadata.Version.ToString();

    /// <summary>The name of a resource on the wire.</summary>
    public static ResourceRef RefOf(WireResource resource) => new(resource.Metadata.Namespace, resource.Metadata.Type, resource.Metadata.Id);
}
