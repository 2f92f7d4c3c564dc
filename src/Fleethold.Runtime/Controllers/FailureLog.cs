using Fleethold.Resources;
using Microsoft.Extensions.Logging;

namespace Fleethold.Runtime.Controllers;

/// <summary>
/// Tells failures of one controller, but not all of them: when an item fails again and again only the 1st, 2nd, 4th, 8th … time, and of all items
/// together a bounded number a minute, for a lost store makes every item fail.
/// </summary>
internal sealed partial class FailureLog(string controller, TimeProvider clock, ILogger logger)
{
    private const int PerMinute = 20;

    private readonly Lock _gate = new();
    private long _minute = clock.GetTimestamp();
    private int _written;
    private int _left;

    public void Write(QueuedItem item, Fault fault, Exception? crash, TimeSpan again)
    {
        if ((item.Failures & (item.Failures - 1)) != 0 || !MayWrite())
        {
            return;
        }

        if (crash is not null)
        {
            Log.Crashed(logger, crash, controller, item.Item.Id, item.Failures, again);
        }
        else
        {
            Log.Failed(logger, controller, item.Item.Id, fault.Message, item.Failures, again);
        }
    }

    public void WriteMapping(ResourceRef resource, Exception exception)
    {
        if (MayWrite())
        {
            Log.MappingCrashed(logger, exception, controller, resource);
        }
    }

    private bool MayWrite()
    {
        int left;
        lock (_gate)
        {
            if (clock.GetElapsedTime(_minute) >= TimeSpan.FromMinutes(1))
            {
                (_minute, _written, left, _left) = (clock.GetTimestamp(), 0, _left, 0);
            }
            else if (_written >= PerMinute)
            {
                _left++;
                return false;
            }
            else
            {
                left = 0;
            }

            _written++;
        }

        if (left > 0)
        {
            Log.LeftOut(logger, left, controller);
        }

        return true;
    }

    private static partial class Log
    {
        [LoggerMessage(
            201, LogLevel.Warning, "Controller {Controller} failed on {Item}: {Fault} (failure {Count} in a row, tried again in {Again}; it goes on by itself once the cause is gone)")]
        public static partial void Failed(ILogger logger, string controller, string? item, string fault, int count, TimeSpan again);

        [LoggerMessage(
            202, LogLevel.Error, "Controller {Controller} crashed on {Item} (failure {Count} in a row, tried again in {Again}); this is a bug, other items go on")]
        public static partial void Crashed(ILogger logger, Exception exception, string controller, string? item, int count, TimeSpan again);

        [LoggerMessage(203, LogLevel.Error, "Controller {Controller} crashed when it mapped {Resource} to its items; this is a bug, the change wakes nobody there")]
        public static partial void MappingCrashed(ILogger logger, Exception exception, string controller, ResourceRef resource);

        [LoggerMessage(204, LogLevel.Warning, "{Count} more failures of controller {Controller} were not logged")]
        public static partial void LeftOut(ILogger logger, int count, string controller);
    }
}
