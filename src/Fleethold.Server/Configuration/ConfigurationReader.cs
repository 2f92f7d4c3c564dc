using Fleethold.Server.Configuration.Table;
using Fleethold.Server.Configuration.Yaml;

namespace Fleethold.Server.Configuration;

/// <summary>A configuration file that was read from disk.</summary>
internal sealed record ConfigurationFile(string Name, ReadOnlyMemory<byte> Content);

/// <summary>
/// Reads a configuration: defaults, then files in order (maps merged, lists replaced), then flags, then environment variables.
/// Everything that is wrong is reported at once.
/// </summary>
internal static class ConfigurationReader
{
    private const int MaxFiles = 64;

    /// <summary>Reads the files named by the command line and everything else. Never throws for bad input.</summary>
    /// <param name="arguments">The command line after the name of the command.</param>
    /// <param name="variable">Looks up an environment variable.</param>
    public static ConfigurationReport Load(IReadOnlyList<string> arguments, Func<string, string?> variable)
    {
        var (problems, warnings) = (new ProblemList(), new ProblemList());
        var commandLine = FlagReader.Read(arguments, problems, warnings);
        return Combine(Files(commandLine.Files, problems), commandLine, variable, problems, warnings);
    }

    /// <summary>Checks files as <c>fleethold config check</c> does: the command line's operands and its <c>--config-path</c> flags.</summary>
    public static ConfigurationReport Check(IReadOnlyList<string> arguments, Func<string, string?> variable)
    {
        var (problems, warnings) = (new ProblemList(), new ProblemList());
        var commandLine = FlagReader.Read(arguments, problems, warnings);
        var files = Files([.. commandLine.Files, .. commandLine.Operands], problems);
        return Combine(files, commandLine, variable, problems, warnings);
    }

    /// <summary>Reads content that is at hand. Pure: no file, no environment, never throws for bad input.</summary>
    public static ConfigurationReport Read(IReadOnlyList<ConfigurationFile> files, IReadOnlyList<string> arguments, Func<string, string?> variable)
    {
        var (problems, warnings) = (new ProblemList(), new ProblemList());
        return Combine(files, FlagReader.Read(arguments, problems, warnings), variable, problems, warnings);
    }

    /// <summary>Reads one YAML file. Pure, never throws: the entry for fuzzing.</summary>
    public static ConfigurationReport ReadYaml(ReadOnlyMemory<byte> content) =>
        Read([new ConfigurationFile("input.yaml", content)], [], static _ => null);

    private static ConfigurationReport Combine(
        IReadOnlyList<ConfigurationFile> files,
        CommandLine commandLine,
        Func<string, string?> variable,
        ProblemList problems,
        ProblemList warnings)
    {
        var settings = new Settings();
        foreach (var file in files)
        {
            new FileReader(file.Name, settings, problems).Read(file.Content.Span);
        }

        foreach (var setting in commandLine.Settings)
        {
            settings.Remove(setting.Key.Path);
            settings.Put(setting);
        }

        Variables(settings, variable, problems);
        Replace(settings, warnings);
        UnavailableFeatures.Check(settings, problems, warnings);
        CrossFieldRules.Check(settings, problems);

        var configuration = problems.All.Count == 0 ? new ConfigurationBinder(settings, warnings).Bind() : null;
        return new ConfigurationReport(configuration, problems.All, warnings.All, commandLine.Operands, commandLine.WantsHelp);
    }

    private static void Variables(Settings settings, Func<string, string?> variable, ProblemList problems)
    {
        foreach (var key in KeyTable.All.Where(key => key.Variable is not null))
        {
            if (variable(key.Variable!) is { Length: > 0 } text)
            {
                var origin = new Origin(OriginKind.Variable, $"environment variable {key.Variable}");
                var (value, what, remedy) = ValueParser.Scalar(key, text);
                if (value is not null)
                {
                    settings.Put(new Setting(key, value, origin));
                }
                else if (key.Feature != Feature.Vault) // VAULT_ADDR and VAULT_TOKEN are often there for other programs
                {
                    problems.Add(origin.Text, key.Path, what, remedy);
                }
            }
        }
    }

    // Values of deprecated keys go to the keys that replaced them.
    private static void Replace(Settings settings, ProblemList warnings)
    {
        foreach (var old in settings.Set.Where(setting => setting.Key.ReplacedBy is not null).ToList())
        {
            settings.Remove(old.Key.Path);
            if (ValueParser.Same(old.Value, ValueParser.Default(old.Key, Defaults.Omni)) || old.Value is "" or IReadOnlyList<string> { Count: 0 })
            {
                continue;
            }

            var replacement = KeyTable.ByPath[old.Key.ReplacedBy!];
            if (settings.Find(replacement.Path) is null)
            {
                settings.Put(new Setting(replacement, old.Value, old.Origin));
                warnings.Add(old.Origin.Text, old.Key.Path, "is deprecated", $"use {replacement.Path}");
            }
            else
            {
                warnings.Add(old.Origin.Text, old.Key.Path, $"is deprecated and has no effect beside {replacement.Path}", "remove the key");
            }
        }
    }

    private static List<ConfigurationFile> Files(IReadOnlyList<string> paths, ProblemList problems)
    {
        var files = new List<ConfigurationFile>();
        if (paths.Count > MaxFiles)
        {
            problems.Add("--config-path", null, $"names {paths.Count} files, more than the {MaxFiles} allowed", "merge some of them");
            return files;
        }

        foreach (var path in paths)
        {
            try
            {
                using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
                var content = new byte[YamlReader.MaxBytes + 1];
                files.Add(new ConfigurationFile(path, content.AsMemory(0, stream.ReadAtLeast(content, content.Length, throwOnEndOfStream: false))));
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
            {
                problems.Add(Problem.Shown(path), null, $"can't be read: {Reason(exception)}", "check the name and its permissions");
            }
        }

        return files;
    }

    private static string Reason(Exception exception) => exception switch
    {
        FileNotFoundException or DirectoryNotFoundException => "there is no such file",
        UnauthorizedAccessException => "no permission, or it is a folder",
        _ => Problem.Shown(exception.Message),
    };
}
