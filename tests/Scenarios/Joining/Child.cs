using System.Diagnostics;
using Fleethold.Testing;

namespace Fleethold.Scenarios.Joining;

/// <summary>A program of this checkout that runs inside a network namespace; ended by its id.</summary>
internal sealed class Child : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Queue<string> _errors = [];
    private bool _isDisposed;

    private Child(Process process)
    {
        _process = process;
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginErrorReadLine();
    }

    /// <summary>The last lines of its error output.</summary>
    public string LastWords
    {
        get
        {
            lock (_errors)
            {
                return string.Join('\n', _errors);
            }
        }
    }

    /// <summary>It has ended.</summary>
    public bool HasEnded => _process.HasExited;

    /// <summary>Starts it; <c>ip netns exec</c> becomes the program, so the id is the program's.</summary>
    public static Child Start(string space, string project, string name, params IEnumerable<string> arguments)
    {
        // bin/<configuration>/<framework> of this project says where those of the others are.
        var output = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/'));
        var program = Repository.PathOf("src", project, "bin", output.Parent!.Name, output.Name, name);
        Assert.True(File.Exists(program), $"{program} isn't built");
        return new(Process.Start(new ProcessStartInfo("ip", ["netns", "exec", space, program, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!);
    }

    /// <summary>Says a line and gives the next line that it answers.</summary>
    public async Task<string> Ask(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
        return await Deadline.Within(_process.StandardOutput.ReadLineAsync()) ?? throw new InvalidOperationException($"it ended: {LastWords}");
    }

    /// <summary>Reads its output away, for programs that aren't asked anything.</summary>
    public Child Mute()
    {
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        return this;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Keep(string? line)
    {
        lock (_errors)
        {
            if (line is not null)
            {
                _errors.Enqueue(line);
                while (_errors.Count > 30)
                {
                    _errors.Dequeue();
                }
            }
        }
    }
}
