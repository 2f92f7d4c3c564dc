namespace Fleethold.SideroLink;

/// <summary>The tunnel can't be opened here. Its message is one line that says why and what to do.</summary>
public sealed class TunnelUnavailableException(string message) : Exception(message);
