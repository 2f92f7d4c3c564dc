using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using Fleethold.SideroLink.Sinks;
using Fleethold.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Fleethold.SideroLink.Tests.Sinks;

/// <summary>Alone, for one measures what the whole process holds.</summary>
[CollectionDefinition(nameof(LogReceiverTests), DisableParallelization = true)]
public class LogReceiverCollection;

[Collection(nameof(LogReceiverTests))]
public sealed class LogReceiverTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly Fleet _fleet = new() { ["127.0.0.1"] = "one", ["127.0.0.2"] = "two" };
    private readonly Lines _lines = new();
    private LogReceiver? _receiver;
    private int _port;

    public async ValueTask DisposeAsync()
    {
        if (_receiver is not null)
        {
            await _receiver.DisposeAsync();
        }
    }

    [Fact]
    public async Task Lines_arrive_raw_and_under_the_machine_of_the_address()
    {
        Listen();
        using var one = await Connect("127.0.0.1");
        using var two = await Connect("127.0.0.2");
        await Send(one, "{\"msg\":\"\\u003cb\\u003e\", \"x\": 1}\n\n\xff\xfe not json\n");
        Assert.Equal(("one", "{\"msg\":\"\\u003cb\\u003e\", \"x\": 1}"), await _lines.Next());
        Assert.Equal(("one", "\xff\xfe not json"), await _lines.Next());
        await Send(two, "from two\n");
        Assert.Equal(("two", "from two"), await _lines.Next());
        Assert.Equal(3, _receiver!.Counters.Lines);
        Assert.Equal(2, _receiver.Counters.Accepted);
    }

    [Fact]
    public async Task A_stranger_is_closed_at_once_and_counted_and_heard_once_it_is_a_machine()
    {
        Listen();
        try
        {
            using var stranger = await Connect("127.0.0.9");
            await Closed(stranger);
        }
        catch (SocketException failure)
        {
            // Cut off before it knew that it was connected.
            Assert.Equal(SocketError.ConnectionReset, failure.SocketErrorCode);
        }

        Assert.Equal(1, _receiver!.Counters.Strangers);
        Assert.Equal(0, _receiver.Counters.Accepted);

        _fleet["127.0.0.9"] = "nine";
        using var machine = await Connect("127.0.0.9");
        await Send(machine, "hello\n");
        Assert.Equal(("nine", "hello"), await _lines.Next());
    }

    [Fact]
    public async Task A_line_over_the_limit_is_cut_and_its_connection_goes_on()
    {
        Listen();
        using var machine = await Connect("127.0.0.1");
        await Send(machine, new string('x', 100_000) + "\nnext\n");
        Assert.Equal(("one", new string('x', 16 * 1024)), await _lines.Next());
        Assert.Equal(("one", "next"), await _lines.Next());
        Assert.Equal(1, _receiver!.Counters.Cut);
    }

    [Fact]
    public async Task A_last_line_without_its_newline_is_dropped()
    {
        Listen();
        using (var machine = await Connect("127.0.0.1"))
        {
            await Send(machine, "whole\npart");
            Assert.Equal(("one", "whole"), await _lines.Next());
            machine.Shutdown(SocketShutdown.Send);
            await Closed(machine);
        }

        Assert.Equal(1, _receiver!.Counters.Lines);
    }

    [Fact]
    public async Task A_machine_that_sends_too_much_loses_lines_and_a_new_connection_brings_no_new_burst()
    {
        Listen(options => options with { BytesPerSecond = 10, Burst = 20 });
        using (var machine = await Connect("127.0.0.1"))
        {
            await Send(machine, "0123456789\n" + new string('x', 21) + "\n0123456789\nrefused\n");
            Assert.Equal(("one", "0123456789"), await _lines.Next());
            Assert.Equal(("one", "0123456789"), await _lines.Next());
        }

        using var again = await Connect("127.0.0.1");
        using var other = await Connect("127.0.0.2");
        await Send(again, "refused\n");
        await Until(() => _receiver!.Counters.RateLimited == 2, again);
        await Send(other, "free\n");
        Assert.Equal(("two", "free"), await _lines.Next());
        _clock.Advance(TimeSpan.FromSeconds(1));
        await Send(again, "0123456789\n");
        Assert.Equal(("one", "0123456789"), await _lines.Next());
        Assert.Equal(2, _receiver!.Counters.RateLimited);
        Assert.Equal(1, _receiver.Counters.Oversize);
    }

    [Fact]
    public async Task Lines_of_a_machine_that_went_are_dropped_and_those_of_its_heir_are_its_own()
    {
        Listen();
        using var machine = await Connect("127.0.0.1");
        await Send(machine, "first\n");
        Assert.Equal(("one", "first"), await _lines.Next());

        _fleet.TryRemove("127.0.0.1", out _);
        _receiver!.Forget("one");
        await Send(machine, "lost\n");
        await Until(() => _receiver.Counters.Homeless == 1, machine);

        _fleet["127.0.0.1"] = "heir";
        await Send(machine, "mine\n");
        Assert.Equal(("heir", "mine"), await _lines.Next());
    }

    [Fact]
    public async Task The_newest_connections_of_an_address_stay()
    {
        Listen(options => options with { ConnectionsPerAddress = 2 });
        using var oldest = await Connect("127.0.0.1");
        await Send(oldest, "1\n");
        await _lines.Next();
        using var second = await Connect("127.0.0.1");
        await Send(second, "2\n");
        await _lines.Next();
        using var third = await Connect("127.0.0.1");
        await Closed(oldest);
        await Send(second, "2\n");
        Assert.Equal(("one", "2"), await _lines.Next());
        await Send(third, "3\n");
        Assert.Equal(("one", "3"), await _lines.Next());
        Assert.Equal(1, _receiver!.Counters.Displaced);
    }

    [Fact]
    public async Task A_full_store_makes_the_machine_wait_and_loses_nothing()
    {
        Listen();
        _lines.IsFull = true;
        using var machine = await Connect("127.0.0.1");
        await Send(machine, "a\nb\n");
        await Deadline.Within(_lines.Refused);
        _lines.MakeRoom();
        Assert.Equal(("one", "a"), await _lines.Next());
        Assert.Equal(("one", "b"), await _lines.Next());
    }

    [Fact]
    public async Task A_stop_resets_connections_so_that_machines_notice()
    {
        Listen();
        using var machine = await Connect("127.0.0.1");
        await Send(machine, "a\n");
        await _lines.Next();
        await _receiver!.DisposeAsync();
        var failure = await Assert.ThrowsAsync<SocketException>(
            async () => await machine.ReceiveAsync(new byte[1], SocketFlags.None, Deadline.Token));
        Assert.Equal(SocketError.ConnectionReset, failure.SocketErrorCode);
        Assert.Equal(0, _receiver.OpenConnections);
    }

    [Fact]
    public async Task An_idle_connection_costs_little()
    {
        Listen(options => options with { ConnectionsPerAddress = 1000 });
        var machines = new List<Socket>();
        try
        {
            await Fill(machines, 100);
            var before = GC.GetTotalMemory(forceFullCollection: true);
            await Fill(machines, 400);
            var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / 400;

            // Both ends are in this process.
            Assert.True(each < 8_000, $"a connection costs {each} bytes");
        }
        finally
        {
            machines.ForEach(machine => machine.Dispose());
        }
    }

    private async Task Fill(List<Socket> machines, int count)
    {
        for (var index = 0; index < count; index++)
        {
            var machine = await Connect("127.0.0.1");
            machines.Add(machine);
            await Send(machine, "a\n");
            await _lines.Next();
        }
    }

    private void Listen(Func<LogReceiverOptions, LogReceiverOptions>? change = null)
    {
        var options = new LogReceiverOptions();
        _receiver = new LogReceiver(change?.Invoke(options) ?? options, _fleet, _lines, _clock, NullLogger.Instance);
        var bound = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        bound.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _port = ((IPEndPoint)bound.LocalEndPoint!).Port;
        _receiver.Start(bound);
    }

    private async Task<Socket> Connect(string from)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
        await socket.ConnectAsync(IPAddress.Loopback, _port, Deadline.Token);
        return socket;
    }

    private static async Task Send(Socket socket, string text)
    {
        ReadOnlyMemory<byte> bytes = Encoding.Latin1.GetBytes(text);
        while (bytes.Length > 0)
        {
            bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, Deadline.Token)..];
        }
    }

    private static async Task Closed(Socket socket)
    {
        try
        {
            Assert.Equal(0, await socket.ReceiveAsync(new byte[1], SocketFlags.None, Deadline.Token));
        }
        catch (SocketException failure)
        {
            Assert.Equal(SocketError.ConnectionReset, failure.SocketErrorCode);
        }
    }

    /// <summary>A dropped line leaves no trace but its counter: looks at that whenever the receiver has read something.</summary>
    private static async Task Until(Func<bool> isTrue, Socket machine)
    {
        var deadline = Deadline.Token;
        while (!isTrue())
        {
            deadline.ThrowIfCancellationRequested();
            await machine.SendAsync("\n"u8.ToArray(), SocketFlags.None, deadline);
        }
    }

    private sealed class Fleet : ConcurrentDictionary<string, string>, IMachineAddresses
    {
        public string? Find(IPAddress source) => TryGetValue(source.ToString(), out var id) ? id : null;
    }

    private sealed class Lines : ILogLines
    {
        private readonly Channel<(string Machine, string Line)> _taken = Channel.CreateUnbounded<(string, string)>();
        private readonly TaskCompletionSource _refused = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _room = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool IsFull { get; set; }

        public Task Refused => _refused.Task;

        public void MakeRoom()
        {
            IsFull = false;
            _room.SetResult();
        }

        public async Task<(string Machine, string Line)> Next() => await _taken.Reader.ReadAsync(Deadline.Token);

        public bool TryWrite(string machineId, ReadOnlySpan<byte> line)
        {
            if (IsFull)
            {
                _refused.TrySetResult();
                return false;
            }

            return _taken.Writer.TryWrite((machineId, Encoding.Latin1.GetString(line)));
        }

        public ValueTask WhenRoom(CancellationToken cancellation) => new(_room.Task.WaitAsync(cancellation));
    }
}
