using System.Diagnostics;
using System.Text;

namespace Fleethold.Interop.Topology;

/// <summary>An agent of this project in a namespace. It ends with this.</summary>
internal sealed class AgentProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _complaints = new();
    private bool _ended;

    private AgentProcess(Process process)
    {
        _process = process;
        _process.ErrorDataReceived += (_, line) =>
        {
            lock (_complaints)
            {
                _complaints.AppendLine(line.Data);
            }
        };
        _process.BeginErrorReadLine();
    }

    /// <summary>Its process id.</summary>
    public int Id => _process.Id;

    /// <summary>What it said on its standard error.</summary>
    public string Complaints
    {
        get
        {
            lock (_complaints)
            {
                return _complaints.ToString().Trim();
            }
        }
    }

    /// <summary>Starts one.</summary>
    /// <param name="name">The namespace.</param>
    /// <param name="program">The agent's program.</param>
    /// <param name="wrapper">What starts it, as <c>setpriv</c> with its arguments.</param>
    public static AgentProcess Start(string name, string program, params string[] wrapper)
    {
        var start = new ProcessStartInfo("ip") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["netns", "exec", name, .. wrapper, program, "agent"])
        {
            start.ArgumentList.Add(argument);
        }

        return new AgentProcess(Process.Start(start)!);
    }

    /// <summary>Has it do something; its answer.</summary>
    /// <exception cref="InvalidOperationException">It couldn't; with its reason.</exception>
    public async Task<string> Ask(string command)
    {
        await _process.StandardInput.WriteLineAsync(command);
        await _process.StandardInput.FlushAsync();
        var answer = await _process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(120));
        return answer is not null && answer.StartsWith("ok", StringComparison.Ordinal)
            ? answer[2..].Trim()
            : throw new InvalidOperationException($"the agent, asked '{command.Split(' ')[0]}': {answer ?? "it ended"} {Complaints}");
    }

    /// <summary>Ends it at once, as a power cut does.</summary>
    public async Task Kill()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_ended)
        {
            return;
        }

        _ended = true;
        try
        {
            _process.StandardInput.Close();
            await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(10));
        }
        catch (Exception failure) when (failure is TimeoutException or IOException)
        {
            await Kill(); // It hangs, or was killed before.
        }

        _process.Dispose();
    }
}
