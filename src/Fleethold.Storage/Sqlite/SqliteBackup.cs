using Fleethold.Runtime;
using Fleethold.Storage.Sealing;
using static SQLitePCL.raw;

namespace Fleethold.Storage.Sqlite;

/// <summary>Copies a store into one file while it is written to, and back.</summary>
internal static class SqliteBackup
{
    private const int PagesPerStep = 1024;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <exception cref="CommitLogException">It can't be copied; nothing is left of the try.</exception>
    public static void Backup(string databasePath, string file, CancellationToken cancellation)
    {
        if (!File.Exists(databasePath))
        {
            throw new CommitLogException($"there is no store at {databasePath}: name the data directory of the server");
        }

        if (File.Exists(file))
        {
            throw new CommitLogException($"{file} exists already: name a new file for the backup");
        }

        var partial = file + ".partial";
        try
        {
            Create(partial);
            Copy(databasePath, partial, cancellation);
            Sync(partial);
            File.Move(partial, file, overwrite: false);
            Durable.Folder(Path.GetDirectoryName(Path.GetFullPath(file))!);
        }
        catch (Exception failure) when (failure is SqliteError or IOException or UnauthorizedAccessException)
        {
            throw new CommitLogException($"the backup to {file} failed: {failure.Message}; check space and rights there", CommitOutcome.NotWritten, failure);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    /// <exception cref="CommitLogException">Nothing was replaced.</exception>
    public static async Task Restore(string file, string folder, IStoreKeys keys, PresentStore present, CancellationToken cancellation)
    {
        await Check(file, keys, cancellation);
        using var directory = DataDirectory.Open(folder);
        var isThere = File.Exists(directory.DatabasePath);
        if (isThere && present == PresentStore.Keep)
        {
            throw new CommitLogException($"there is a store in {folder} already: restore into another directory, or add --replace");
        }

        var incoming = directory.DatabasePath + ".restoring";
        try
        {
            File.Delete(incoming);
            Create(incoming);
            await using (var from = File.OpenRead(file))
            await using (var to = File.OpenWrite(incoming))
            {
                await from.CopyToAsync(to, cancellation);
            }

            using (var database = SqliteDatabase.Open(incoming, writable: true))
            {
                // Revisions after the backup are used again: bookmarks from before must not be taken for ours.
                SqliteSchema.StoreMeta(database, "log_id", SqliteSchema.NewLogId());
            }

            Sync(incoming);
            if (isThere)
            {
                MoveAside(directory.DatabasePath);
            }

            File.Move(incoming, directory.DatabasePath);
            Durable.Folder(directory.FolderPath);
        }
        catch (Exception failure) when (failure is SqliteError or IOException or UnauthorizedAccessException)
        {
            throw new CommitLogException($"restoring into {folder} failed: {failure.Message}; check space and rights there", CommitOutcome.NotWritten, failure);
        }
    }

    private static async Task Check(string file, IStoreKeys keys, CancellationToken cancellation)
    {
        if (!File.Exists(file))
        {
            throw new CommitLogException($"there is no backup at {file}: name the right file");
        }

        try
        {
            KeySlots slots;
            using (var database = SqliteDatabase.Open(file, writable: false))
            {
                SqliteSchema.CheckIdentity(database, file, database.Number("PRAGMA user_version"), SqliteSchema.Steps.Count);
                var answer = database.Text("PRAGMA quick_check(1)");
                if (answer != "ok")
                {
                    throw new CommitLogException($"the backup {file} is damaged ({answer}): use another one");
                }

                var stored = SqliteSchema.MetaBytes(database, "key_slots") ?? throw new CommitLogException($"the backup {file} has no key slots: use another one");
                slots = await keys.Open(KeyRingDocument.Parse(stored), cancellation);
            }

            _ = await new LogLoader(file, new KeyRing(slots.Keys)).Load(cancellation);
        }
        catch (SqliteError error)
        {
            throw new CommitLogException($"the backup {file} can't be read: {error.Message}; use another one", CommitOutcome.NotWritten, error);
        }
        catch (SealException failure)
        {
            throw new CommitLogException($"the backup {file} can't be used: {failure.Message}", CommitOutcome.NotWritten, failure);
        }
    }

    private static void Copy(string from, string to, CancellationToken cancellation)
    {
        using var source = SqliteDatabase.Open(from, writable: true);
        using var target = SqliteDatabase.Open(to, writable: true);

        // The open transaction keeps all steps at one moment, whatever is written meanwhile.
        source.Execute("BEGIN");
        source.Number("SELECT count(*) FROM meta");
        using (var backup = sqlite3_backup_init(target.Handle, "main", source.Handle, "main"))
        {
            if (backup.IsInvalid)
            {
                target.Check(sqlite3_errcode(target.Handle));
            }

            int code;
            do
            {
                cancellation.ThrowIfCancellationRequested();
                code = sqlite3_backup_step(backup, PagesPerStep);
            }
            while (code == SQLITE_OK);
            if (code != SQLITE_DONE)
            {
                throw new SqliteError(code, sqlite3_errstr(code).utf8_to_string());
            }
        }

        // One plain file, readable without the files that a write-ahead log needs.
        target.Execute("PRAGMA journal_mode = DELETE");
    }

    // The old write-ahead log must be gone before another database has its name: it would be applied to that.
    private static void MoveAside(string databasePath)
    {
        foreach (var suffix in (ReadOnlySpan<string>)["-shm", "-wal", ""])
        {
            if (File.Exists(databasePath + suffix))
            {
                File.Move(databasePath + suffix, $"{databasePath}.replaced{suffix}", overwrite: true);
            }
        }
    }

    private static void Create(string path) =>
        new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }).Dispose();

    private static void Sync(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        file.Flush(flushToDisk: true);
    }
}
