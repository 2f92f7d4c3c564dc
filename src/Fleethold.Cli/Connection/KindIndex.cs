using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Fleethold.Resources.Wire;

namespace Fleethold.Cli.Connection;

/// <summary>The kinds that a server has, found by the names that people use for them (reference/resources.md 2.8).</summary>
/// <param name="Definitions">Every definition with its id, in the order of the server.</param>
internal sealed record KindIndex(IReadOnlyList<KindIndex.Entry> Definitions)
{
    /// <summary>One definition: its id is the type in lower case.</summary>
    internal sealed record Entry(string Id, ResourceDefinitionSpec Spec);

    /// <summary>The kinds of the wire contract, which every server has.</summary>
    public static KindIndex Own() => new([.. KindDefinition.All()
        .Select(definition => new Entry(definition.Metadata.Id, definition.Spec))
        .OrderBy(entry => entry.Id, StringComparer.Ordinal)]);

    /// <summary>Reads the definitions of a server.</summary>
    public static async Task<KindIndex> Read(Server server, CancellationToken cancellation)
    {
        var entries = new List<Entry>();
        await foreach (var resource in server.List(Kinds.ResourceDefinitions.Ref, new ListOptions(), cancellation))
        {
            entries.Add(new Entry(resource.Metadata.Id, ResourceDefinitionSpec.Parser.ParseFrom(resource.Spec.ProtoSpec)));
        }

        return new KindIndex(entries);
    }

    /// <summary>Whether any kind has this name.</summary>
    public bool Has(string name) => Matches(name).Length > 0;

    /// <summary>The one kind with this type, alias or partial name, whatever the case.</summary>
    /// <exception cref="CommandFailure">No kind or several kinds have it.</exception>
    public ResourceDefinitionSpec Resolve(string name)
    {
        var matches = Matches(name);
        return matches.Length switch
        {
            1 => matches[0].Spec,
            0 => throw new CommandFailure($"resource \"{name}\" is not registered"),
            _ => throw new CommandFailure($"resource type \"{name}\" is ambiguous: [{string.Join(' ', matches.Select(match => match.Id))}]"),
        };
    }

    private Entry[] Matches(string name)
    {
        var wanted = name.ToLowerInvariant();
        return [.. Definitions.Where(entry => entry.Id.Equals(wanted, StringComparison.Ordinal) || entry.Spec.AllAliases.Contains(wanted))];
    }
}
