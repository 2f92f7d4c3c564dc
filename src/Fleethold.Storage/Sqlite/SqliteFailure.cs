using Fleethold.Runtime;
using static SQLitePCL.raw;

namespace Fleethold.Storage.Sqlite;

/// <summary>What an error of SQLite means for people: why, and what to do.</summary>
internal static class SqliteFailure
{
    public static CommitLogException Explain(SqliteError error, string path, CommitOutcome outcome = CommitOutcome.NotWritten)
    {
        var folder = Path.GetDirectoryName(path);
        var text = error.Kind switch
        {
            SQLITE_FULL => $"the disk of {folder} is full: free space, writes then go on by themselves",
            SQLITE_READONLY => $"the store {path} is read-only: make its file system writable and give the server's user write access to {folder}",
            SQLITE_CANTOPEN => $"the store {path} can't be opened: check that {folder} exists, is writable for the server's user, and isn't on a full disk",
            SQLITE_NOTADB => $"{path} is not a SQLite database or is damaged at its beginning: restore the store from a backup, or move the file away to start empty",
            SQLITE_CORRUPT => $"the store {path} is damaged: keep a copy of the folder, check the disk, and restore the store from a backup",
            SQLITE_BUSY or SQLITE_LOCKED => $"another program uses {path}: end it (only one server, and no tool that locks, may use the store)",
            SQLITE_NOMEM => "there is too little memory for the store: give the server more",
            SQLITE_IOERR => $"the disk of {folder} fails: look into the kernel's log, then restart the server; restore the store from a backup if it doesn't start",
            _ => $"the store {path} can't be used",
        };
        if (outcome == CommitOutcome.Unknown)
        {
            text += "; whether the last changes were stored isn't known, so the store is opened again before anything else is written";
        }

        return new CommitLogException($"{text} ({error.Message})", outcome, error);
    }

    /// <summary>
    /// What is known after a COMMIT failed. A full disk shows before the frame that commits is complete; after any other failure of the disk the
    /// frame may be in the file, and a restart would find it.
    /// </summary>
    public static CommitOutcome OutcomeOfCommit(SqliteError error) =>
        error.Kind is SQLITE_FULL or SQLITE_READONLY or SQLITE_BUSY ? CommitOutcome.NotWritten : CommitOutcome.Unknown;
}
