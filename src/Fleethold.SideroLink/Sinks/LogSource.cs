using System.Net.Sockets;

namespace Fleethold.SideroLink.Sinks;

/// <summary>A machine that sends logs, as its address shows it. Kept until the machine goes, so that a new connection brings no new burst.</summary>
internal sealed class LogSource(string machineId, TokenBucket bucket)
{
    private readonly List<Socket> _connections = [];
    private volatile bool _isGone;

    public string MachineId => machineId;

    public TokenBucket Bucket => bucket;

    /// <summary>The machine went: its address must be looked up again.</summary>
    public bool IsGone
    {
        get => _isGone;
        set => _isGone = value;
    }

    /// <summary>Adds a connection.</summary>
    /// <returns>The oldest, when it has to give way.</returns>
    public Socket? Add(Socket connection, int most)
    {
        lock (_connections)
        {
            Socket? oldest = null;
            if (_connections.Count >= most)
            {
                oldest = _connections[0];
                _connections.RemoveAt(0);
            }

            _connections.Add(connection);
            return oldest;
        }
    }

    public void Remove(Socket connection)
    {
        lock (_connections)
        {
            _connections.Remove(connection);
        }
    }
}
