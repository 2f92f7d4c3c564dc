namespace Fleethold.Bench.Peers;

/// <summary>A folder on the disk of the checkout (a temporary folder may be memory), removed at the end.</summary>
internal sealed class BenchFolder : IDisposable
{
    /// <summary>The full path. Short, since sockets below it have at most 107 bytes.</summary>
    public string Path { get; } = Directory.CreateDirectory(
        System.IO.Path.Combine(Checkout.Root, "artifacts", "b", Convert.ToHexStringLower(BitConverter.GetBytes((ushort)Environment.ProcessId)))).FullName;

    /// <summary>A path below it.</summary>
    public string PathOf(string name) => System.IO.Path.Combine(Path, name);

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Path, recursive: true);
}
