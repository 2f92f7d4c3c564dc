using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Fleethold.Bench.Measuring;

/// <summary>Keeps the calling thread on one processor, so that a figure per core is one.</summary>
internal static class Core
{
    /// <summary>From now on the calling thread runs on this processor alone.</summary>
    /// <param name="processor">Its number, 0 to 63.</param>
    public static void Pin(int processor)
    {
        var mask = 1UL << processor;
        if (sched_setaffinity(0, sizeof(ulong), ref mask) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"the thread can't be kept on processor {processor}");
        }
    }

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int sched_setaffinity(int thread, nint size, ref ulong mask);
}
