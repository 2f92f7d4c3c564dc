using Fleethold.Testing;

namespace Fleethold.Cli.Tests;

/// <summary>Runs fhctl in this process and keeps what it printed.</summary>
internal sealed class Shell
{
    private readonly Dictionary<string, string> _environment = [];
    private readonly WatchedWriter _out = new();
    private readonly StringWriter _error = new() { NewLine = "\n" };

    /// <summary>What was printed.</summary>
    public string Out => _out.ToString();

    /// <summary>What was printed as errors and warnings.</summary>
    public string Error => _error.ToString();

    /// <summary>Standard input.</summary>
    public string In { get; init; } = "";

    public bool IsRoot { get; init; }

    public Shell With(string variable, string value)
    {
        _environment[variable] = value;
        return this;
    }

    /// <summary>Runs to the end.</summary>
    public Task<int> Run(params string[] arguments) => Run(Deadline.Token, arguments);

    /// <summary>Runs until cancelled.</summary>
    public Task<int> Run(CancellationToken cancellation, params string[] arguments) => Deadline.Within(CommandLine.Run(
        arguments, new Terminal(_out, _error, new StringReader(In), _environment.GetValueOrDefault, IsRoot), cancellation));

    /// <summary>Waits until the output holds a text.</summary>
    public Task Shows(string text) => Deadline.Within(_out.Shows(text));

    private sealed class WatchedWriter : StringWriter
    {
        private readonly Lock _lock = new();
        private readonly List<(string Text, TaskCompletionSource Seen)> _waiting = [];

        public WatchedWriter() => NewLine = "\n";

        public Task Shows(string text)
        {
            var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_lock)
            {
                _waiting.Add((text, seen));
            }

            Flush();
            return seen.Task;
        }

        public override void Write(string? value)
        {
            lock (_lock)
            {
                base.Write(value);
            }
        }

        public override string ToString()
        {
            lock (_lock)
            {
                return base.ToString();
            }
        }

        public override void Flush()
        {
            lock (_lock)
            {
                var text = base.ToString();
                _waiting.Where(one => text.Contains(one.Text, StringComparison.Ordinal)).ToList().ForEach(one => one.Seen.TrySetResult());
            }
        }
    }
}
