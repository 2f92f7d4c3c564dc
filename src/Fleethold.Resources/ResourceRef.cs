namespace Fleethold.Resources;

/// <summary>
/// The name of one resource: namespace, type and id together are its key, compared ordinally.
/// </summary>
/// <param name="Namespace">For example <c>default</c>.</param>
/// <param name="Type">The full type, for example <c>Clusters.omni.sidero.dev</c>.</param>
/// <param name="Id">The id; any text, unique in its namespace and type.</param>
public readonly record struct ResourceRef(string Namespace, string Type, string Id)
{
    /// <summary>The kind that this resource belongs to.</summary>
    public KindRef Kind => new(Namespace, Type);

    /// <summary>The text form used in messages that clients show (reference/resources.md 1.1).</summary>
    public override string ToString() => $"{Type}({Namespace}/{Id}@undefined)";
}

/// <summary>All resources of one type in one namespace: what a list or a kind watch covers.</summary>
/// <param name="Namespace">For example <c>default</c>.</param>
/// <param name="Type">The full type, for example <c>Clusters.omni.sidero.dev</c>.</param>
public readonly record struct KindRef(string Namespace, string Type)
{
    /// <summary>The name of one resource of this kind.</summary>
    public ResourceRef Named(string id) => new(Namespace, Type, id);

    /// <summary>Namespace and type, for messages.</summary>
    public override string ToString() => $"{Type}({Namespace})";
}
