namespace Fleethold.Server.Configuration.Table;

/// <summary>When a value of a key counts as asking for its feature, which matters while the feature isn't there yet.</summary>
internal enum Asks
{
    /// <summary>A value that differs from the default and isn't "off" (false, empty, 0).</summary>
    WhenChanged,

    /// <summary>Never: the value has no effect here, and ignoring it breaks no promise.</summary>
    Never,

    /// <summary>Never, but a changed value has no effect that its author should know of: a warning says so.</summary>
    NeverButWarns,
}

/// <summary>
/// One key of the configuration: everything that reading, flags, environment, checks, help and documentation know about it.
/// </summary>
/// <param name="Path">The path in YAML, for example <c>services.api.endpoint</c>.</param>
/// <param name="Flag">The flag with its dashes; null where the key is for YAML only.</param>
/// <param name="Type">What values look like.</param>
/// <param name="Default">Omni's default as text (a list in JSON); null for none. For a key of our own, our default.</param>
/// <param name="Feature">The feature that the key belongs to.</param>
/// <param name="Meaning">One sentence for help and documentation.</param>
internal sealed record ConfigurationKey(string Path, string? Flag, KeyType Type, string? Default, Feature Feature, string Meaning)
{
    /// <summary>Our default where no Omni file is read and it differs from Omni's; null where it doesn't.</summary>
    public string? OwnDefault { get; init; }

    /// <summary>The allowed values; empty where anything of the type is.</summary>
    public IReadOnlyList<string> Values { get; init; } = [];

    /// <summary>The value never appears in messages, logs or <c>ToString</c>.</summary>
    public bool IsSecret { get; init; }

    /// <summary>An empty value is an error.</summary>
    public bool MustNotBeEmpty { get; init; }

    /// <summary>Not shown in help, as it is for developers only.</summary>
    public bool IsHidden { get; init; }

    /// <summary>An environment variable that sets the key, over files and flags.</summary>
    public string? Variable { get; init; }

    /// <summary>Further names of the flag that are as good.</summary>
    public IReadOnlyList<string> OtherFlags { get; init; } = [];

    /// <summary>Old names of the flag: they work, with a warning.</summary>
    public IReadOnlyList<string> OldFlags { get; init; } = [];

    /// <summary>The key that replaces this deprecated one; its value goes there when that one isn't set.</summary>
    public string? ReplacedBy { get; init; }

    /// <summary>When a value asks for the feature.</summary>
    public Asks Asks { get; init; }

    /// <summary>The switch without which the key does nothing, so that it asks for nothing either.</summary>
    public string? Gate { get; init; }

    /// <summary>For <see cref="Asks.NeverButWarns"/>: why the value has no effect.</summary>
    public string? NoEffect { get; init; }

    /// <summary>One of Omni's keys, not one of our own under <c>fleethold:</c>.</summary>
    public bool IsOmni => !Path.StartsWith("fleethold.", StringComparison.Ordinal);

    /// <summary>The default that holds.</summary>
    /// <param name="defaults">Whose defaults.</param>
    public string? DefaultOf(Defaults defaults) => defaults == Defaults.Fleethold ? OwnDefault ?? Default : Default;
}

/// <summary>Whose defaults fill the keys that nobody set.</summary>
internal enum Defaults
{
    /// <summary>Our own: one port, 443.</summary>
    Fleethold,

    /// <summary>Omni's, for an Omni configuration file keeps its meaning.</summary>
    Omni,
}
