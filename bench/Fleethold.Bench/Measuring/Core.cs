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

    /// <summary>The CPU time of the calling thread, user and system, so that what else the machine does isn't counted.</summary>
    public static TimeSpan ThreadTime()
    {
        const int threadClock = 3;
        return clock_gettime(threadClock, out var time) == 0
            ? TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromMicroseconds(time.Nanoseconds / 1000.0)
            : throw new Win32Exception(Marshal.GetLastPInvokeError(), "the CPU time of the thread can't be read");
    }

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int clock_gettime(int clock, out Time time);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int sched_setaffinity(int thread, nint size, ref ulong mask);

    [StructLayout(LayoutKind.Sequential)]
    private struct Time
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
