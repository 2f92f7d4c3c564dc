using Fleethold.Resources;
using Fleethold.Runtime.Controllers;
using Microsoft.Extensions.Time.Testing;

namespace Fleethold.Runtime.Tests.Controllers;

public sealed class ItemQueueTests : IDisposable
{
    private static readonly ResourceRef A = Kinds.Clusters.Named("a");
    private static readonly ResourceRef B = Kinds.Clusters.Named("b");

    private readonly FakeTimeProvider _clock = new();
    private readonly ItemQueue _queue;
    private int _workers;

    public ItemQueueTests()
    {
        _queue = new ItemQueue(concurrency: 2, _clock, () => _workers++);
        _queue.Open();
    }

    public void Dispose() => _queue.Dispose();

    [Fact]
    public void An_item_is_queued_once_however_often_it_is_added()
    {
        _queue.Add(A);
        _queue.Add(B);
        _queue.Add(A);

        Assert.Equal(2, _queue.Length);
        Assert.Equal([A, B], [Take().Item, Take().Item]);
        Assert.False(_queue.TryTake(out _));
    }

    [Fact]
    public void An_item_added_while_it_runs_comes_again_after_it_is_complete()
    {
        _queue.Add(A);
        var running = Take();
        _queue.Add(A);
        Assert.Equal(0, _queue.Length);

        _queue.Complete(running, TimeSpan.FromHours(1));

        Assert.Equal(A, Take().Item);
    }

    [Fact]
    public void Items_come_in_the_order_of_their_times()
    {
        _queue.Add(A);
        _queue.Add(B);
        var (a, b) = (Take(), Take());
        _queue.Complete(a, TimeSpan.FromSeconds(2));
        _queue.Complete(b, TimeSpan.FromSeconds(1));
        Assert.False(_queue.TryTake(out _));

        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(B, Take().Item);
        Assert.Equal(0, _queue.Length);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(A, Take().Item);
    }

    [Fact]
    public void An_item_woken_a_thousand_times_before_its_time_has_one_appointment()
    {
        for (var time = 0; time < 1000; time++)
        {
            _queue.Add(A);
            _queue.Complete(Take(), TimeSpan.FromHours(1));
        }

        Assert.InRange(_queue.Appointments, 1, 100);
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1, _queue.Length);
    }

    [Fact]
    public void There_are_never_more_workers_than_allowed()
    {
        for (var id = 0; id < 10; id++)
        {
            _queue.Add(Kinds.Clusters.Named($"{id}"));
        }

        Assert.Equal(2, _workers);
    }

    [Fact]
    public async Task It_is_idle_only_when_no_item_is_ready_or_running()
    {
        _queue.Add(A);
        var running = Take();
        var idle = _queue.Idle();
        Assert.False(idle.IsCompleted);

        _queue.Complete(running, TimeSpan.FromHours(1));
        Assert.False(_queue.TryTake(out _));

        await Fleethold.Testing.Deadline.Within(idle);
    }

    [Fact]
    public void A_closed_queue_hands_out_nothing()
    {
        _queue.Add(A);
        _queue.Close();
        _queue.Add(B);

        Assert.False(_queue.TryTake(out _));
        Assert.Equal(1, _workers);
    }

    private QueuedItem Take()
    {
        Assert.True(_queue.TryTake(out var item));
        return item;
    }
}
