namespace Fleethold.Resources;

/// <summary>
/// An expected failure, as a value. One table at each edge maps the kind of fault to a gRPC status, an HTTP status or an exit code.
/// The texts are those of COSI's state, for clients show them and some compare them (reference/resources.md 2.6).
/// </summary>
/// <param name="Message">What went wrong, for a person.</param>
public abstract record Fault(string Message)
{
    /// <summary>The resource isn't there. The text shows the version that the caller held, when it held one.</summary>
    public sealed record NotFound(ResourceRef Ref, ResourceVersion Version = default)
        : Fault($"resource {Ref.Type}({Ref.Namespace}/{Ref.Id}@{Version}) doesn't exist");

    /// <summary>A create met a resource of the same name.</summary>
    public sealed record AlreadyExists(Metadata Metadata) : Fault($"resource {Metadata} already exists");

    /// <summary>An update was made from an older version. The caller should read again and retry.</summary>
    public sealed record VersionConflict(Metadata Metadata, ResourceVersion Expected, ResourceVersion Actual)
        : Fault($"resource {Metadata} update conflict: expected version \"{Expected}\", actual version \"{Actual}\"");

    /// <summary>A destroy met finalizers.</summary>
    public sealed record PendingFinalizers(Metadata Metadata)
        : Fault($"resource {Metadata} has pending finalizers [{string.Join(' ', Metadata.Finalizers)}]");

    /// <summary>The resource belongs to somebody else. Retrying is useless.</summary>
    public sealed record OwnerConflict(Metadata Metadata, string Owner) : Fault($"resource {Metadata} is owned by \"{Owner}\"");

    /// <summary>The resource isn't in the phase that the caller counted on. Retrying is useless.</summary>
    public sealed record PhaseConflict(Metadata Metadata, Phase Expected) : Fault($"resource {Metadata} is not in phase {Expected.ToWire()}");

    /// <summary>A watch can't go on from this bookmark: it isn't ours, or too much was forgotten since.</summary>
    public sealed record InvalidBookmark() : Fault("invalid watch bookmark");

    /// <summary>The request can't be understood or breaks a rule; the text says which.</summary>
    public sealed record Invalid(string Reason) : Fault(Reason);

    /// <summary>The caller may not do this; the text says what is needed. Retrying is useless.</summary>
    public sealed record Denied(string Reason) : Fault(Reason);

    /// <summary>The state doesn't offer this operation here.</summary>
    public sealed record Unsupported(string Reason) : Fault(Reason);

    /// <summary>The store can't take the write now (full disk, lost etcd, read-only); nothing was changed, or it is not known to be.</summary>
    public sealed record Unavailable(string Reason) : Fault(Reason);
}
