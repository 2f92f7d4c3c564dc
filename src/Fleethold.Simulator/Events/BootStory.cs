using System.Net;
using Fleethold.Resources.Specs.TalosMachine;
using static Fleethold.Resources.Specs.TalosMachine.MachineStatusEvent.Types;

namespace Fleethold.Simulator.Events;

/// <summary>The events of a machine's life in the order in which Talos makes them (reference/talos-api.md 4.1).</summary>
internal static class BootStory
{
    private const long RestartCommand = 0x0123_4567;

    /// <summary>From power on to maintenance mode.</summary>
    public static void Boot(EventHistory history)
    {
        history.Add(new SequenceEvent { Sequence = "initialize", Action = SequenceEvent.Types.Action.Start });
        history.Add(Status(MachineStage.Booting, ready: false, ("time", "time is not synced"), ("network", "waiting on: address, connectivity, etc-files, hostname")));
        Phase(history, "systemRequirements", "enforceKSPPRequirements");
        Service(history, "machined");
        Phase(history, "meta", "reloadMeta");
        Service(history, "apid");
        history.Add(new PhaseEvent { Phase = "config", Action = PhaseEvent.Types.Action.Start });
        history.Add(new TaskEvent { Task = "loadConfig", Action = TaskEvent.Types.Action.Start });
        history.Add(new TaskEvent { Task = "runningMaintenance", Action = TaskEvent.Types.Action.Start });
        history.Add(Status(MachineStage.Maintenance, ready: true));
    }

    /// <summary>It got its tunnel.</summary>
    public static void Address(EventHistory history, string hostname, IPAddress address) =>
        history.Add(new AddressEvent { Hostname = hostname, Addresses = { address.ToString() } });

    /// <summary>A configuration that can't be used was found and another was handed in.</summary>
    public static void BadConfiguration(EventHistory history)
    {
        history.Add(new ConfigLoadErrorEvent { Error = "the configuration in STATE has no v1alpha1 document" });
        history.Add(new ConfigValidationErrorEvent { Error = "1 error occurred: machine.type is missing" });
    }

    /// <summary>It goes down to come back.</summary>
    public static void Reboot(EventHistory history)
    {
        history.Add(new SequenceEvent { Sequence = "reboot", Action = SequenceEvent.Types.Action.Start });
        history.Add(Status(MachineStage.Rebooting, ready: true));
        history.Add(new RestartEvent { Cmd = RestartCommand });
    }

    /// <summary>It goes down to stay down.</summary>
    public static void Shutdown(EventHistory history)
    {
        history.Add(new SequenceEvent { Sequence = "shutdown", Action = SequenceEvent.Types.Action.Start });
        history.Add(Status(MachineStage.ShuttingDown, ready: true));
    }

    private static void Phase(EventHistory history, string phase, string task)
    {
        history.Add(new PhaseEvent { Phase = phase, Action = PhaseEvent.Types.Action.Start });
        history.Add(new TaskEvent { Task = task, Action = TaskEvent.Types.Action.Start });
        history.Add(new TaskEvent { Task = task, Action = TaskEvent.Types.Action.Stop });
        history.Add(new PhaseEvent { Phase = phase, Action = PhaseEvent.Types.Action.Stop });
    }

    private static void Service(EventHistory history, string service)
    {
        history.Add(new ServiceStateEvent { Service = service, Action = ServiceStateEvent.Types.Action.Preparing, Message = "Creating service runner", Health = new() { Unknown = true } });
        history.Add(new ServiceStateEvent { Service = service, Action = ServiceStateEvent.Types.Action.Running, Message = "Started", Health = new() { Healthy = true } });
    }

    private static MachineStatusEvent Status(MachineStage stage, bool ready, params (string Name, string Reason)[] unmet)
    {
        var status = new MachineStatus { Ready = ready };
        status.UnmetConditions.AddRange(unmet.Select(one => new MachineStatus.Types.UnmetCondition { Name = one.Name, Reason = one.Reason }));
        return new() { Stage = stage, Status = status };
    }
}
