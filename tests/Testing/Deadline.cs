using System.Runtime.CompilerServices;

namespace Fleethold.Testing;

/// <summary>
/// The longest that a test waits for something that must happen. It only bounds a hang: no test depends on its length.
/// </summary>
public static class Deadline
{
    /// <summary>30 seconds; 120 with FLEETHOLD_CI=1, where machines are slow.</summary>
    public static TimeSpan Length { get; } = TimeSpan.FromSeconds(Environment.GetEnvironmentVariable("FLEETHOLD_CI") == "1" ? 120 : 30);

    /// <summary>A token that ends a hanging wait.</summary>
    public static CancellationToken Token => new CancellationTokenSource(Length).Token;

    /// <summary>Awaits, but not for ever; says where it hung.</summary>
    public static async Task<T> Within<T>(Task<T> task, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        try
        {
            return await task.WaitAsync(Length);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"still waiting after {Length} at {Path.GetFileName(file)}:{line}");
        }
    }

    /// <summary>Awaits, but not for ever; says where it hung.</summary>
    public static async Task Within(Task task, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        try
        {
            await task.WaitAsync(Length);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"still waiting after {Length} at {Path.GetFileName(file)}:{line}");
        }
    }
}
