namespace Fleethold.Fuzz.Engine;

/// <summary>Ends the process with the input on standard error when one run doesn't come back, for then nobody else could tell.</summary>
internal sealed class Watchdog : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly string _context;
    private readonly ITimer _timer;
    private readonly Lock _lock = new();
    private byte[]? _input;
    private long _since;

    public Watchdog(string context)
    {
        _context = context;
        _timer = TimeProvider.System.CreateTimer(_ => Check(), null, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5));
    }

    public void Enter(byte[] input)
    {
        lock (_lock)
        {
            (_input, _since) = (input, TimeProvider.System.GetTimestamp());
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Check()
    {
        lock (_lock)
        {
            if (_input is not null && TimeProvider.System.GetElapsedTime(_since) > Limit)
            {
                Environment.FailFast($"{_context}: one run takes more than {Limit}; input {Convert.ToBase64String(_input)}");
            }
        }
    }
}
