namespace Fleethold.Cli.JsonPath;

/// <summary>A template can't be understood, or doesn't fit what it was applied to.</summary>
internal sealed class TemplateException(string message) : Exception(message);
