using Fleethold.Resources;

namespace Fleethold.Runtime.States;

/// <summary>What an accepted write does.</summary>
internal enum Effect
{
    None,
    Create,
    Update,
    Destroy,
}

/// <summary>A write that passed all checks: the content after it; for a destroy the last content.</summary>
internal readonly record struct Accepted(Effect Effect, Resource Resource)
{
    public static Accepted Create(Resource resource) => new(Effect.Create, resource);

    public static Accepted Update(Resource resource) => new(Effect.Update, resource);

    public static Accepted Destroy(Resource resource) => new(Effect.Destroy, resource);

    /// <summary>Nothing to write; the resource is as wanted.</summary>
    public static Accepted Unchanged(Resource resource) => new(Effect.None, resource);

    public Mutation ToMutation(long revision, Slot slot) =>
        new(revision, Resource, Effect == Effect.Create ? revision : slot.HeadCreateRevision, Effect == Effect.Destroy);
}
