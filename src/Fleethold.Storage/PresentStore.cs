namespace Fleethold.Storage;

/// <summary>What a restore does with a store that is there already.</summary>
public enum PresentStore
{
    /// <summary>Refuses to restore.</summary>
    Keep,

    /// <summary>Moves it aside, to a name ending in <c>.replaced</c>, and takes its place.</summary>
    Replace,
}
