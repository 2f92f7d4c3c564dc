using Fleethold.Runtime;

namespace Fleethold.Storage.Sqlite;

/// <summary>The folder of a store, held by one server at a time through a lock file that the kernel frees when the process ends.</summary>
internal sealed class DataDirectory : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly FileStream _lock;

    private DataDirectory(string path, FileStream held) => (FolderPath, _lock) = (path, held);

    public string FolderPath { get; }

    public string DatabasePath => Path.Combine(FolderPath, DatabaseName);

    public const string DatabaseName = "fleethold.db";

    public const string LockName = "fleethold.lock";

    /// <exception cref="CommitLogException">Another server has it, or it can't be made or written.</exception>
    public static DataDirectory Open(string path)
    {
        path = Path.GetFullPath(path);
        var lockPath = Path.Combine(path, LockName);
        try
        {
            Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
            var held = new FileStream(lockPath, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = OwnerOnly,
            });
            return new DataDirectory(path, held);
        }
        catch (IOException) when (File.Exists(lockPath) && !IsReadOnly(path))
        {
            throw new CommitLogException($"the data directory {path} is in use by another server: stop that one first, or give this one a directory of its own");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommitLogException(
                $"the data directory {path} can't be used: {failure.Message}; make it writable for the server's user", CommitOutcome.NotWritten, failure);
        }
    }

    /// <summary>Makes the database file, readable only for the owner, unless it is there; SQLite gives its other files the same mode.</summary>
    /// <returns>True when it was made.</returns>
    public bool CreateDatabaseFile()
    {
        if (File.Exists(DatabasePath))
        {
            return false;
        }

        new FileStream(DatabasePath, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }).Dispose();
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    private static bool IsReadOnly(string path)
    {
        var probe = Path.Combine(path, ".fleethold-write-check");
        try
        {
            new FileStream(probe, FileMode.Create, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose).Dispose();
            return false;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }
}
