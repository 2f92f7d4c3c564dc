using System.Globalization;
using System.Text;
using Fleethold.Simulator.Machines;

namespace Fleethold.Simulator.Logs;

/// <summary>The kernel log of one boot, as lines of JSON in the form that Talos sends (reference/siderolink.md 8.2). Thread-safe.</summary>
internal sealed class KernelLog(TimeProvider clock)
{
    private const int Capacity = 256;

    private readonly Lock _gate = new();
    private readonly Queue<byte[]> _lines = [];
    private readonly long _boot = clock.GetTimestamp();
    private long _first;
    private long _next;

    /// <summary>Raised for each line.</summary>
    public Signal Added { get; } = new();

    /// <summary>Adds a line.</summary>
    /// <param name="message">What it says; printable ASCII without quotes and backslashes.</param>
    /// <param name="facility">As in <c>kern</c> or <c>user</c>.</param>
    public void Add(string message, string facility)
    {
        lock (_gate)
        {
            var microseconds = (long)clock.GetElapsedTime(_boot).TotalMicroseconds;
            var time = clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff00'Z'", CultureInfo.InvariantCulture);
            var line = string.Create(
                CultureInfo.InvariantCulture,
                $"{{\"clock\":{microseconds},\"facility\":\"{facility}\",\"msg\":\"{message}\",\"priority\":\"info\",\"seq\":{_next},\"talos-level\":\"info\",\"talos-time\":\"{time}\"}}\n");
            _lines.Enqueue(Encoding.UTF8.GetBytes(line));
            _next++;
            if (_lines.Count > Capacity)
            {
                _lines.Dequeue();
                _first++;
            }
        }

        Added.Raise();
    }

    /// <summary>What a machine says at its start.</summary>
    public void AddBoot(string version)
    {
        Add("Linux version 6.12.0-talos (gcc 15) #1 SMP", "kern");
        Add("Command line: talos.platform=metal console=tty0", "kern");
        Add($"[talos] [initramfs] booting Talos {version}", "user");
        Add("[talos] phase config (9/12): 1 tasks(s)", "user");
        Add("[talos] entering maintenance service", "user");
    }

    /// <summary>The lines from a number on, joined, with the number behind the last; empty when there are none.</summary>
    public byte[] From(long number, out long next)
    {
        lock (_gate)
        {
            next = _next;
            return [.. _lines.Skip((int)Math.Max(0, number - _first)).SelectMany(static line => line)];
        }
    }
}
