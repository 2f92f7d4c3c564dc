namespace Fleethold.Resources;

/// <summary>Where a resource stands in its life. The change is one-way: Running, then TearingDown, then gone.</summary>
public enum Phase
{
    /// <summary>The resource is wanted. Wire text <c>running</c>.</summary>
    Running,

    /// <summary>Somebody asked for its removal and waits for the finalizers. Wire text <c>tearingDown</c>.</summary>
    TearingDown,
}

/// <summary>The wire texts of <see cref="Phase"/> (reference/resources.md 1.1).</summary>
public static class PhaseText
{
    /// <summary>The wire text of a phase.</summary>
    public static string ToWire(this Phase phase) => phase == Phase.Running ? "running" : "tearingDown";

    /// <summary>Reads a wire text; false for anything but the two exact texts.</summary>
    public static bool TryParse(string text, out Phase phase)
    {
        phase = text == "tearingDown" ? Phase.TearingDown : Phase.Running;
        return text is "running" or "tearingDown";
    }
}
