using System.Diagnostics.CodeAnalysis;
using Fleethold.SideroLink.Wire;
using Fleethold.Simulator.Machines;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Fleethold.Simulator.Events;

/// <summary>
/// What happened on a machine since its boot, in order, at most 1,000 events; older ones go. Its reader goes on after the last acknowledged one,
/// and a new connection begins with all that isn't acknowledged (reference/siderolink.md 8.1). Thread-safe.
/// </summary>
internal sealed class EventHistory(Xid ids, string actor)
{
    private const int Capacity = 1000;

    private readonly Lock _gate = new();
    private readonly Queue<EventRequest> _unacknowledged = [];
    private readonly Signal _added = new();
    private readonly Signal _acknowledged = new();

    /// <summary>How many events the server has acknowledged since the boot.</summary>
    public long Acknowledged => _acknowledged.Count;

    /// <summary>Raised by <see cref="Add"/>.</summary>
    public Signal Added => _added;

    /// <summary>Adds an event.</summary>
    public void Add(IMessage payload)
    {
        lock (_gate)
        {
            if (_unacknowledged.Count == Capacity)
            {
                _unacknowledged.Dequeue();
            }

            _unacknowledged.Enqueue(new EventRequest { Data = Any.Pack(payload), Id = ids.Next(), ActorId = actor });
        }

        _added.Raise();
    }

    /// <summary>The oldest event that isn't acknowledged.</summary>
    public bool TryPeek([NotNullWhen(true)] out EventRequest? next)
    {
        lock (_gate)
        {
            return _unacknowledged.TryPeek(out next);
        }
    }

    /// <summary>The server has this one.</summary>
    public void Acknowledge(EventRequest sent)
    {
        lock (_gate)
        {
            // A full history may have dropped it meanwhile.
            if (_unacknowledged.TryPeek(out var first) && ReferenceEquals(first, sent))
            {
                _unacknowledged.Dequeue();
            }
        }

        _acknowledged.Raise();
    }

    /// <summary>Returns once the server has everything.</summary>
    public async Task Drained(CancellationToken cancellation)
    {
        while (true)
        {
            var seen = _acknowledged.Count;
            if (!TryPeek(out _))
            {
                return;
            }

            await _acknowledged.After(seen, cancellation);
        }
    }
}
