using System.Diagnostics;

namespace Fleethold.Bench.Peers;

/// <summary>A program that a benchmark started, with its output in a file. It is ended, and only it, when this is disposed of.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _log;
    private readonly Task _copying;

    private ChildProcess(Process process, string log)
    {
        (_process, _log) = (process, log);
        _copying = Copy();
    }

    /// <summary>Its id.</summary>
    public int Id => _process.Id;

    /// <summary>Starts a program.</summary>
    public static ChildProcess Start(string program, string folder, string log, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return new ChildProcess(Process.Start(start)!, log);
    }

    /// <summary>Tries until it works; fails with the end of the program's output when it ended or took too long.</summary>
    public async Task WaitUntilReady(Func<CancellationToken, Task> attempt, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(TimeSpan.FromSeconds(120));
        while (true)
        {
            try
            {
                await attempt(deadline.Token);
                return;
            }
            catch (Exception failure) when (!cancellation.IsCancellationRequested)
            {
                if (_process.HasExited || deadline.IsCancellationRequested)
                {
                    var last = File.Exists(_log) ? string.Join('\n', File.ReadLines(_log).TakeLast(15)) : "";
                    throw new InvalidOperationException($"{_process.StartInfo.FileName} did not become ready: {failure.Message}\n{last}", failure);
                }

                await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, cancellation);
            }
        }
    }

    /// <summary>SIGKILL.</summary>
    public async Task Kill()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync(CancellationToken.None);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Kill();
        await _copying;
        _process.Dispose();
    }

    private async Task Copy()
    {
        await using var file = new FileStream(_log, FileMode.Create, FileAccess.Write, FileShare.Read);
        var gate = new SemaphoreSlim(1);
        await Task.WhenAll(One(_process.StandardOutput.BaseStream), One(_process.StandardError.BaseStream));

        async Task One(Stream from)
        {
            var buffer = new byte[8192];
            int read;
            while ((read = await from.ReadAsync(buffer)) > 0)
            {
                await gate.WaitAsync();
                await file.WriteAsync(buffer.AsMemory(0, read));
                await file.FlushAsync();
                gate.Release();
            }
        }
    }
}
