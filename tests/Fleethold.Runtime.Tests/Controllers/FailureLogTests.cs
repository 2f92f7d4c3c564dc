using System.Globalization;
using Fleethold.Resources;
using Fleethold.Runtime.Controllers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Fleethold.Runtime.Tests.Controllers;

public sealed class FailureLogTests : ILogger
{
    private readonly FakeTimeProvider _clock = new();
    private readonly List<string> _lines = [];
    private readonly FailureLog _log;

    public FailureLogTests() => _log = new FailureLog("C", _clock, this);

    [Fact]
    public void An_item_that_fails_on_and_on_is_told_ever_less_often()
    {
        for (var failures = 1; failures <= 100; failures++)
        {
            Fail("a", failures);
            _clock.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal([1, 2, 4, 8, 16, 32, 64], _lines.Select(line => int.Parse(line.Split("(failure ")[1].Split(' ')[0], CultureInfo.InvariantCulture)));
        Assert.Contains("Controller C failed on a: no", _lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public void When_everything_fails_a_bounded_number_is_told_and_then_how_many_were_left_out()
    {
        for (var item = 0; item < 1000; item++)
        {
            Fail($"i{item}", 1);
        }

        Assert.Equal(20, _lines.Count);
        _clock.Advance(TimeSpan.FromMinutes(1));
        Fail("late", 1);
        Assert.Equal("980 more failures of controller C were not logged", _lines[20]);
        Assert.Equal(22, _lines.Count);
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Add(formatter(state, exception));

    private void Fail(string item, int failures) => _log.Write(
        new QueuedItem(Kinds.Clusters.Named(item)) { Failures = failures }, new Fault.Invalid("no"), null, TimeSpan.FromSeconds(1));
}
