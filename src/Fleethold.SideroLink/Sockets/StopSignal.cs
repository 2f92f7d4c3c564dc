namespace Fleethold.SideroLink.Sockets;

/// <summary>An eventfd that threads wait for beside their descriptor; once set it stays set.</summary>
internal sealed unsafe class StopSignal : IDisposable
{
    private volatile bool _set;

    /// <summary>The descriptor, for <see cref="Libc.WaitForInput"/>.</summary>
    public int Fd { get; } = Libc.EventFd(0, Libc.EFD_CLOEXEC);

    /// <summary>It was set.</summary>
    public bool IsSet => _set;

    /// <summary>Wakes every waiter, now and later.</summary>
    public void Set()
    {
        _set = true;
        var one = 1UL;
        _ = Libc.Write(Fd, (byte*)&one, sizeof(ulong));
    }

    /// <summary>Waits at most so long.</summary>
    /// <returns>Whether work goes on.</returns>
    public bool Wait(TimeSpan time)
    {
        var entry = new Libc.PollEntry { Fd = Fd, Events = Libc.POLLIN };
        _ = Libc.Poll(&entry, 1, (int)time.TotalMilliseconds);
        return !_set;
    }

    /// <inheritdoc/>
    public void Dispose() => _ = Libc.Close(Fd);
}
