using Fleethold.Resources.Specs;

namespace Fleethold.Resources;

/// <summary>
/// What clients read to know the kinds and namespaces: the resources of <c>ResourceDefinitions.meta.cosi.dev</c> and
/// <c>Namespaces.meta.cosi.dev</c>, made from <see cref="Kinds"/> (reference/resources.md 3.1 and 3.2).
/// </summary>
public static class KindDefinition
{
    /// <summary>The owner of both kinds of resource.</summary>
    public const string Owner = "meta";

    /// <summary>The definition of a kind. Its id is the type in lower case.</summary>
    /// <exception cref="ArgumentException">The type isn't a plural name with a suffix.</exception>
    public static Resource<ResourceDefinitionSpec> Of(ResourceKind kind)
    {
        var name = NameOf(kind.Type);
        var spec = new ResourceDefinitionSpec
        {
            ResourceType = kind.Type,
            DisplayType = Singular(name),
            DefaultNamespace = kind.Namespace,
            Sensitivity = kind.Sensitivity == Sensitivity.Sensitive
                ? ResourceDefinitionSpec.Types.Sensitivity.Sensitive
                : ResourceDefinitionSpec.Types.Sensitivity.NonSensitive,
        };
        spec.Aliases.AddRange(AliasesOf(kind.Type));
        spec.AllAliases.AddRange(LongNamesOf(kind.Type));
        spec.AllAliases.AddRange(spec.Aliases);
        spec.PrintColumns.AddRange(kind.PrintColumns.Select(column => new ResourceDefinitionSpec.Types.PrintColumn { Name = column.Name, JsonPath = column.JsonPath }));
        var definition = Kinds.ResourceDefinitions.New(kind.Type.ToLowerInvariant(), spec);
        return definition.With(definition.Metadata with { Owner = Owner });
    }

    /// <summary>The definitions of all kinds, in the order of <see cref="Kinds.All"/>.</summary>
    public static IEnumerable<Resource<ResourceDefinitionSpec>> All() => Kinds.All.Select(Of);

    /// <summary>The namespaces that clients may list, in the order in which upstream makes them.</summary>
    public static IEnumerable<Resource<NamespaceSpec>> AllNamespaces() =>
    [
        OfNamespace(Namespaces.Meta, "Metadata namespace which contains resource and namespace definitions."),
        OfNamespace(Namespaces.Default, "Resources that people and controllers write"),
        OfNamespace(Namespaces.Ephemeral, "Resources kept in memory, lost at a restart"),
        OfNamespace(Namespaces.Virtual, "Resources computed when they are read"),
        OfNamespace(Namespaces.External, "Resources listed from stores outside"),
        OfNamespace(Namespaces.Metrics, "Frequently written resources"),
        OfNamespace(Namespaces.InfraProvider, "Resources exchanged with infrastructure providers"),
        OfNamespace(Namespaces.InfraProviderEphemeral, "Heartbeats of infrastructure providers"),
    ];

    /// <summary>The definition of a namespace.</summary>
    public static Resource<NamespaceSpec> OfNamespace(string name, string description)
    {
        var definition = Kinds.Namespaces.New(name, new NamespaceSpec { Description = description });
        return definition.With(definition.Metadata with { Owner = Owner });
    }

    // Of its own a kind has aliases only in meta; the others get what follows from their name.
    private static IEnumerable<string> AliasesOf(string type)
    {
        if (type == Kinds.Namespaces.Type)
            yield return "ns";

        if (type == Kinds.ResourceDefinitions.Type)
            yield return "api-resources";

        var singular = Singular(NameOf(type));
        yield return singular.ToLowerInvariant();
        var initials = string.Concat(singular.Where(char.IsAsciiLetterUpper)).ToLowerInvariant();
        if (initials.Length < 2)
            yield break;

        yield return initials;
        if (!initials.EndsWith('s'))
            yield return initials + "s";
    }

    // clusters, clusters.omni, clusters.omni.sidero: all but the full type.
    private static IEnumerable<string> LongNamesOf(string type)
    {
        var parts = type.ToLowerInvariant().Split('.');
        for (var count = 1; count < parts.Length; count++)
            yield return string.Join('.', parts[..count]);
    }

    private static string NameOf(string type) => type.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot && type[dot - 1] == 's'
        ? type[..dot]
        : throw new ArgumentException($"{type} must be a plural and a suffix, like Clusters.omni.sidero.dev", nameof(type));

    // The English plurals that names of kinds have.
    private static string Singular(string name) => name switch
    {
        [.., 'i', 'e', 's'] => name[..^3] + "y",
        [.., 's', 's', 'e', 's'] or [.., 'u', 's', 'e', 's'] or [.., 't', 'c', 'h', 'e', 's'] => name[..^2],
        _ => name[..^1],
    };
}
