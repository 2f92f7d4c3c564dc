using Fleethold.Resources;
using Google.Protobuf;

namespace Fleethold.Runtime.Controllers;

/// <summary>An output on its way: what it is now (or nothing), to be changed freely. It is written when it differs.</summary>
/// <typeparam name="TSpec">The message of the spec.</typeparam>
public sealed class OutputDraft<TSpec>
    where TSpec : class, IMessage<TSpec>, new()
{
    private TSpec? _spec;

    internal OutputDraft(ResourceRef reference, Resource<TSpec>? present)
    {
        (Ref, Present) = (reference, present);
        (Labels, Annotations) = (present?.Metadata.Labels ?? StringMap.Empty, present?.Metadata.Annotations ?? StringMap.Empty);
    }

    /// <summary>The name of the output.</summary>
    public ResourceRef Ref { get; }

    /// <summary>The id of the output.</summary>
    public string Id => Ref.Id;

    /// <summary>The output as stored; null when it is new.</summary>
    public Resource<TSpec>? Present { get; }

    /// <summary>True when the output isn't stored yet.</summary>
    public bool IsNew => Present is null;

    /// <summary>The spec, a copy to be changed. A new output starts with an empty one.</summary>
    public TSpec Spec
    {
        get => _spec ??= Present?.Spec.Clone() ?? new TSpec();
        set => _spec = value;
    }

    /// <summary>All labels.</summary>
    public StringMap Labels { get; set; }

    /// <summary>All annotations.</summary>
    public StringMap Annotations { get; set; }

    internal bool Differs =>
        Present is null
        || (_spec is not null && !_spec.Equals(Present.Spec))
        || !Labels.Equals(Present.Metadata.Labels)
        || !Annotations.Equals(Present.Metadata.Annotations);

    /// <summary>The resource to write. The draft is used up by it.</summary>
    internal Resource<TSpec> ToResource()
    {
        var metadata = (Present?.Metadata ?? new Metadata(Ref)) with { Labels = Labels, Annotations = Annotations };
        return Present is not null && (_spec is null || _spec.Equals(Present.Spec)) ? Present.With(metadata) : new Resource<TSpec>(metadata, Spec);
    }
}
