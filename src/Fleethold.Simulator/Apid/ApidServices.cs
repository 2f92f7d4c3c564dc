using System.Globalization;
using System.Text;
using Fleethold.Resources.Wire;
using Fleethold.Simulator.Machines;
using Fleethold.Talos.Wire;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Fleethold.Simulator.Apid;

/// <summary>The disks of the machine that was called.</summary>
internal sealed class DiskService(MachineDirectory machines) : StorageService.StorageServiceBase
{
    private const ulong Size = 50UL * 1024 * 1024 * 1024;

    /// <inheritdoc/>
    public override Task<DisksResponse> Disks(Empty request, ServerCallContext context)
    {
        var machine = context.Machine(machines);
        var disk = new Disk
        {
            Size = Size,
            DeviceName = "/dev/vda",
            Type = Disk.Types.DiskType.Hdd,
            BusPath = "/pci0000:00/0000:00:02.0/virtio1",
            SystemDisk = machine.Hardware.IsInstalled,
            Subsystem = "/sys/class/block",
        };
        return Task.FromResult(new DisksResponse { Messages = { new Disks { Disks_ = { disk } } } });
    }
}

/// <summary>META of the machine that was called.</summary>
internal sealed class MetaService(MachineDirectory machines) : MachineService.MachineServiceBase
{
    /// <inheritdoc/>
    public override Task<MetaWriteResponse> MetaWrite(MetaWriteRequest request, ServerCallContext context)
    {
        context.Machine(machines).Meta.Write(request.Key, request.Value.ToStringUtf8());
        return Task.FromResult(new MetaWriteResponse { Messages = { new MetaWrite() } });
    }

    /// <inheritdoc/>
    public override Task<MetaDeleteResponse> MetaDelete(MetaDeleteRequest request, ServerCallContext context)
    {
        if (!context.Machine(machines).Meta.Delete(request.Key))
        {
            throw new RpcException(new Status(StatusCode.NotFound, "META key not found"));
        }

        return Task.FromResult(new MetaDeleteResponse { Messages = { new MetaDelete() } });
    }
}

/// <summary>The resources of the machine that was called: so far its network links, which joining reads. Other kinds are refused by name.</summary>
internal sealed class ResourceService(MachineDirectory machines) : State.StateBase
{
    private const string LinkType = "LinkStatuses.net.talos.dev";
    private const int Loopback = 772;

    /// <inheritdoc/>
    public override async Task List(ListRequest request, IServerStreamWriter<ListResponse> responseStream, ServerCallContext context)
    {
        var machine = context.Machine(machines);
        if (request.Type != LinkType)
        {
            throw new RpcException(new Status(StatusCode.PermissionDenied, $"resource type \"{request.Type}\" is not supported"));
        }

        await responseStream.WriteAsync(new() { Resource = Link("lo", 1, Loopback, [], "") });
        for (var i = 0; i < machine.Hardware.LinkAddresses.Count; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"eth{i}");
            await responseStream.WriteAsync(new() { Resource = Link(name, (uint)i + 2, (int)NethelpersLinkType.LinkEther, machine.Hardware.LinkAddresses[i], "") });
        }

        await responseStream.WriteAsync(new() { Resource = Link("siderolink", 99, 65534, [], "wireguard") });
    }

    private static Resource Link(string id, uint index, int type, byte[] address, string kind)
    {
        var spec = new LinkStatusSpec
        {
            Index = index,
            Type = (NethelpersLinkType)type,
            HardwareAddr = ByteString.CopyFrom(address),
            PermanentAddr = ByteString.CopyFrom(address),
            Kind = kind,
        };
        var hex = string.Join(':', address.Select(one => one.ToString("x2", CultureInfo.InvariantCulture)));
        var yaml = new StringBuilder()
            .Append(CultureInfo.InvariantCulture, $"index: {index}\ntype: {(type == Loopback ? "loopback" : type == 1 ? "ether" : "none")}\n")
            .Append(CultureInfo.InvariantCulture, $"hardwareAddr: {hex}\npermanentAddr: {hex}\nkind: \"{kind}\"\n");
        return new()
        {
            Metadata = new() { Namespace = "network", Type = LinkType, Id = id, Version = "1", Phase = "running", Owner = "network.LinkStatusController" },
            Spec = new() { ProtoSpec = spec.ToByteString(), YamlSpec = yaml.ToString() },
        };
    }
}

/// <summary>Which machine a call is for.</summary>
internal static class CallTarget
{
    /// <summary>The machine whose address was dialled.</summary>
    /// <exception cref="RpcException">It went down meanwhile.</exception>
    public static SimulatedMachine Machine(this ServerCallContext context, MachineDirectory machines) =>
        machines.Find(context.GetHttpContext().Connection.LocalIpAddress)
        ?? throw new RpcException(new Status(StatusCode.Unavailable, "the machine is down"));
}
