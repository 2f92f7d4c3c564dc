namespace Fleethold.Cli.Documents;

/// <summary>A file of resources.</summary>
/// <param name="Name">As the person named it.</param>
/// <param name="Text">What it holds.</param>
internal sealed record ResourceFile(string Name, string Text)
{
    private const long MaxBytes = 64 << 20;

    /// <summary>Reads a file, all <c>.yaml</c> and <c>.yml</c> files of a folder in the order of their names, or standard input (<c>-</c>).</summary>
    /// <exception cref="CommandFailure">Nothing is there, or it can't be read.</exception>
    public static IReadOnlyList<ResourceFile> Read(string path, TextReader standardInput)
    {
        if (path == "-")
        {
            return [new ResourceFile("-", standardInput.ReadToEnd())];
        }

        if (Directory.Exists(path))
        {
            var names = Directory.EnumerateFiles(path)
                .Where(name => Path.GetExtension(name) is ".yaml" or ".yml")
                .Order(StringComparer.Ordinal)
                .ToArray();
            return names.Length > 0
                ? [.. names.Select(ReadOne)]
                : throw new CommandFailure($"the folder {path} holds no .yaml or .yml file");
        }

        return [ReadOne(path)];
    }

    private static ResourceFile ReadOne(string path)
    {
        try
        {
            return new FileInfo(path) is { Exists: true, Length: > MaxBytes }
                ? throw new CommandFailure($"{path} is larger than {MaxBytes >> 20} MiB: split it")
                : new ResourceFile(path, File.ReadAllText(path));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure($"can't read {path}: {failure.Message}");
        }
    }
}
