using Fleethold.Resources;

namespace Fleethold.Runtime.Controllers;

/// <summary>One item that waits, runs or is due later. Changed only under the queue's lock, but for <see cref="Failures"/>.</summary>
internal sealed class QueuedItem(ResourceRef item)
{
    public ResourceRef Item { get; } = item;

    public ItemState State { get; set; }

    /// <summary>Woken while it ran: it runs once more.</summary>
    public bool WokenAgain { get; set; }

    /// <summary>Tells an entry of the timetable that still holds from those left behind.</summary>
    public long Appointment { get; set; }

    /// <summary>Failures in a row. Only the worker that runs the item touches it.</summary>
    public int Failures { get; set; }

    /// <summary>Conflicts in a row, likewise.</summary>
    public int Conflicts { get; set; }
}

internal enum ItemState
{
    Ready,
    Running,
    Later,
}

/// <summary>
/// The items of one controller: each at most once, ready in the order of arrival, never handed out twice at the same time. An item that is woken
/// while it runs comes again afterwards; one that is due later and woken before comes at once. Only items with something to do take memory.
/// </summary>
internal sealed class ItemQueue : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ResourceRef, QueuedItem> _items = new(ItemComparer.Instance);
    private readonly Queue<QueuedItem> _ready = new();
    private readonly PriorityQueue<(QueuedItem Item, long Appointment), long> _later = new();
    private readonly int _concurrency;
    private readonly TimeProvider _clock;
    private readonly Action _startWorker;
    private readonly ITimer _timer;
    private List<TaskCompletionSource> _awaitingIdle = [];
    private long _appointments;
    private int _waitingLater;
    private long _additions;
    private int _length;
    private int _workers;
    private bool _open;

    /// <param name="concurrency">How many workers there are at most.</param>
    /// <param name="clock">For items due later.</param>
    /// <param name="startWorker">Called, outside of the lock, when a worker more is of use; it must not run the worker itself.</param>
    public ItemQueue(int concurrency, TimeProvider clock, Action startWorker)
    {
        (_concurrency, _clock, _startWorker) = (concurrency, clock, startWorker);
        _timer = clock.CreateTimer(static queue => ((ItemQueue)queue!).TakeDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Items that are ready to run.</summary>
    public int Length => Volatile.Read(ref _length);

    /// <summary>Entries of the timetable, also those that don't hold any more.</summary>
    public int Appointments => _later.Count;

    /// <summary>How often an item was added, whether it was there or not: when it stands still, nothing new came.</summary>
    public long Additions => Interlocked.Read(ref _additions);

    /// <summary>Lets workers run.</summary>
    public void Open()
    {
        int workers;
        lock (_gate)
        {
            _open = true;
            workers = Math.Min(_ready.Count, _concurrency - _workers);
            _workers += workers;
        }

        for (; workers > 0; workers--)
        {
            _startWorker();
        }
    }

    /// <summary>No item is handed out any more; those that run go on.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _open = false;
        }

        _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Add(ResourceRef item)
    {
        bool start;
        lock (_gate)
        {
            _additions++;
            start = AddLocked(item);
        }

        if (start)
        {
            _startWorker();
        }
    }

    /// <summary>The next item for a worker. False when there is none: the worker must end.</summary>
    public bool TryTake(out QueuedItem item)
    {
        lock (_gate)
        {
            if (_open && _ready.TryDequeue(out item!))
            {
                _length = _ready.Count;
                item.State = ItemState.Running;
                return true;
            }

            item = null!;
            _workers--;
            SignalIdle();
            return false;
        }
    }

    /// <summary>A worker is through with an item, which comes again after a time, or not at all with null.</summary>
    public void Complete(QueuedItem item, TimeSpan? again)
    {
        lock (_gate)
        {
            if (item.WokenAgain || again <= TimeSpan.Zero)
            {
                item.WokenAgain = false;
                MakeReady(item);
            }
            else if (again is { } delay)
            {
                item.State = ItemState.Later;
                item.Appointment = ++_appointments;
                var due = _clock.GetTimestamp() + ToTimestamp(delay);
                _later.Enqueue((item, item.Appointment), due);
                _waitingLater++;
                ForgetStaleAppointments();
                if (_later.TryPeek(out var first, out _) && first.Item == item && _open)
                {
                    SetTimer(delay);
                }
            }
            else
            {
                _items.Remove(item.Item);
            }
        }
    }

    /// <summary>Ends when no item is ready or running (or, once closed, running).</summary>
    public Task Idle()
    {
        lock (_gate)
        {
            if (IsIdle)
            {
                return Task.CompletedTask;
            }

            var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _awaitingIdle.Add(source);
            return source.Task;
        }
    }

    public void Dispose() => _timer.Dispose();

    private bool IsIdle => _workers == 0 && (_ready.Count == 0 || !_open);

    private bool AddLocked(ResourceRef reference)
    {
        if (!_items.TryGetValue(reference, out var item))
        {
            item = new QueuedItem(reference);
            _items.Add(reference, item);
            MakeReady(item);
        }
        else if (item.State is ItemState.Running)
        {
            item.WokenAgain = true;
            return false;
        }
        else if (item.State is ItemState.Later)
        {
            MakeReady(item);
        }
        else
        {
            return false;
        }

        if (!_open || _workers >= _concurrency)
        {
            return false;
        }

        _workers++;
        return true;
    }

    private void MakeReady(QueuedItem item)
    {
        if (item.State is ItemState.Later)
        {
            _waitingLater--;
        }

        item.State = ItemState.Ready;
        item.Appointment = 0;
        _ready.Enqueue(item);
        _length = _ready.Count;
    }

    private void TakeDue()
    {
        var start = 0;
        lock (_gate)
        {
            if (!_open)
            {
                return;
            }

            var now = _clock.GetTimestamp();
            while (_later.TryPeek(out var first, out var due))
            {
                var isStale = IsStale(first);
                if (!isStale && due > now)
                {
                    SetTimer(_clock.GetElapsedTime(now, due));
                    break;
                }

                _later.Dequeue();
                if (!isStale)
                {
                    MakeReady(first.Item);
                    if (_workers < _concurrency)
                    {
                        _workers++;
                        start++;
                    }
                }
            }
        }

        for (; start > 0; start--)
        {
            _startWorker();
        }
    }

    /// <summary>Timers count in milliseconds and may come too early: never ask for less than one.</summary>
    private void SetTimer(TimeSpan wait) =>
        _timer.Change(wait < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : wait, Timeout.InfiniteTimeSpan);

    private static bool IsStale((QueuedItem Item, long Appointment) entry) =>
        entry.Item.State is not ItemState.Later || entry.Item.Appointment != entry.Appointment;

    /// <summary>An item that is woken often before its time leaves an entry each time; they must not pile up for as long as the time is.</summary>
    private void ForgetStaleAppointments()
    {
        if (_later.Count <= 64 + 2 * _waitingLater)
        {
            return;
        }

        var valid = _later.UnorderedItems.Where(static entry => !IsStale(entry.Element)).ToArray();
        _later.Clear();
        _later.EnqueueRange(valid);
    }

    private long ToTimestamp(TimeSpan delay) => (long)(delay.TotalSeconds * _clock.TimestampFrequency);

    private void SignalIdle()
    {
        if (IsIdle && _awaitingIdle.Count > 0)
        {
            _awaitingIdle.ForEach(static source => source.TrySetResult());
            _awaitingIdle = [];
        }
    }
}

/// <summary>Compares items by id first: the other parts of the name are nearly always the same text.</summary>
internal sealed class ItemComparer : IEqualityComparer<ResourceRef>
{
    public static ItemComparer Instance { get; } = new();

    public bool Equals(ResourceRef one, ResourceRef other) => one.Id == other.Id && one.Type == other.Type && one.Namespace == other.Namespace;

    public int GetHashCode(ResourceRef item) => item.Id?.GetHashCode() ?? 0;
}
