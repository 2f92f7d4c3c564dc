using Fleethold.Resources;
using Fleethold.Resources.Queries;

namespace Fleethold.Server.States;

/// <summary>
/// The namespaces whose resources aren't stored: which operations they refuse, and in which words (reference/resources.md 4).
/// Null means that the operation goes on to the stored resources.
/// </summary>
internal static class ComputedKinds
{
    /// <summary>The server's own keys, which nobody outside sees or changes, whoever they are (the recorded access rules).</summary>
    private static readonly Fault Hidden = new Fault.Denied("no access is permitted");

    /// <summary>Why one resource can't be read.</summary>
    public static Fault? Reading(KindRef kind) => kind.Type == Kinds.Configs.Type ? Hidden : kind.Namespace switch
    {
        Namespaces.Virtual or Namespaces.External => Missing(kind),
        _ => null,
    };

    /// <summary>Why a kind can't be listed.</summary>
    public static Fault? Listing(KindRef kind, ResourceQuery query) => kind.Type == Kinds.Configs.Type ? Hidden : kind.Namespace switch
    {
        Namespaces.Virtual when !query.Labels.IsEmpty => new Fault.Unsupported("label queries are not supported"),
        Namespaces.Virtual when query.Id is not null => new Fault.Unsupported("id query is not supported"),
        Namespaces.Virtual or Namespaces.External => Missing(kind),
        _ => null,
    };

    /// <summary>Why a kind can't be watched.</summary>
    public static Fault? Watching(KindRef kind) => kind.Type == Kinds.Configs.Type ? Hidden : kind.Namespace switch
    {
        Namespaces.Virtual when kind.Type != Kinds.KubernetesUsages.Type => new Fault.Unsupported($"unsupported resource type for watch \"{kind.Type}\""),
        Namespaces.Virtual or Namespaces.External => Missing(kind),
        _ => null,
    };

    /// <summary>Why nothing can be written.</summary>
    /// <param name="kind">What would be written.</param>
    /// <param name="operation">What would be done.</param>
    public static Fault? Writing(KindRef kind, string operation) => kind.Type == Kinds.Configs.Type ? Hidden : kind.Namespace switch
    {
        Namespaces.Virtual or Namespaces.External => new Fault.Unsupported($"{operation} is not supported"),
        Namespaces.Meta => new Fault.Denied("only read access is permitted"),
        _ => null,
    };

    private static Fault.Unsupported Missing(KindRef kind) => Kinds.Find(kind.Type) is { } known && known.Namespace == kind.Namespace
        ? new Fault.Unsupported($"\"{kind.Type}\" in namespace \"{kind.Namespace}\" is not implemented yet")
        : new Fault.Unsupported($"unsupported resource type: {kind.Type}");
}
