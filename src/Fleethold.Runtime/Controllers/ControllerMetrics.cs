using System.Diagnostics.Metrics;

namespace Fleethold.Runtime.Controllers;

/// <summary>
/// The instruments of an engine. The counts are kept by the controllers anyway and only read when somebody collects, so that they cost nothing otherwise.
/// Names are those of upstream's dashboards; the label is <c>controller</c>.
/// </summary>
internal sealed class ControllerMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Fleethold.Runtime";

    private readonly Meter _meter;
    private readonly (KeyValuePair<string, object?>[] Tags, ControllerRun Run)[] _runs;

    public ControllerMetrics(object scope, IEnumerable<ControllerRun> runs)
    {
        _meter = new Meter(new MeterOptions(MeterName) { Scope = scope });
        _runs = [.. runs.Select(static run => (new[] { KeyValuePair.Create("controller", (object?)run.Controller.Name) }, run))];
        Count("omni_runtime_controller_wakeups", "Reconcile calls, no-ops included.", static one => one.Wakeups);
        Count("omni_runtime_controller_crashes", "Unexpected exceptions.", static one => one.Crashes);
        Count("omni_runtime_controller_reads", "Gets and lists.", static one => one.Reads);
        Count("omni_runtime_controller_writes", "Creates, updates, teardowns and destroys.", static one => one.Writes);
        Count("omni_runtime_controller_reconcile_cycles", "Reconcile calls that ended without failure.", static one => one.ReconcileCycles);
        Count("omni_runtime_qcontroller_processed", "Reconcile calls that ended in any way.", static one => one.Processed);
        Count("omni_runtime_qcontroller_requeues", "Items put back.", static one => one.Requeues);
        Count("omni_runtime_qcontroller_mapped_in", "Changes that were mapped to items.", static one => one.MappedIn);
        Count("omni_runtime_qcontroller_mapped_out", "Items that they were mapped to.", static one => one.MappedOut);
        Count("omni_runtime_qcontroller_crashes", "Unexpected exceptions.", static one => one.Crashes);
        _meter.CreateObservableCounter(
            "omni_runtime_controller_busy_seconds", () => Measure(static one => one.Busy.TotalSeconds), "s", "Time in reconcile calls, waits included.");
        _meter.CreateObservableGauge(
            "omni_runtime_qcontroller_queue_length", () => Measure(static one => one.QueueLength), description: "Items ready to be reconciled.");
    }

    public void Dispose() => _meter.Dispose();

    private void Count(string name, string description, Func<ControllerStatistics, long> read) =>
        _meter.CreateObservableCounter(name, () => Measure(read), description: description);

    private IEnumerable<Measurement<T>> Measure<T>(Func<ControllerStatistics, T> read)
        where T : struct
    {
        foreach (var (tags, run) in _runs)
        {
            yield return new Measurement<T>(read(run.Statistics), tags);
        }
    }
}
