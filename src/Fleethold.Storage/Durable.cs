using Microsoft.Win32.SafeHandles;

namespace Fleethold.Storage;

/// <summary>What makes changes of the file system itself survive a crash.</summary>
internal static partial class Durable
{
    private const int ReadOnlyDirectory = 0x10000;

    /// <summary>Makes creations, renames and removals in a folder durable.</summary>
    public static void Folder(string path)
    {
        var descriptor = Open(path, ReadOnlyDirectory);
        if (descriptor < 0)
        {
            throw new IOException($"the folder {path} can't be opened");
        }

        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        if (Sync(descriptor) != 0)
        {
            throw new IOException($"the folder {path} can't be made durable");
        }
    }

    [System.Runtime.InteropServices.LibraryImport("libc", EntryPoint = "open", StringMarshalling = System.Runtime.InteropServices.StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [System.Runtime.InteropServices.LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Sync(int descriptor);
}
