using Fleethold.Resources;
using Fleethold.Resources.Queries;
using Fleethold.Resources.Wire;
using Google.Protobuf;
using WireQuery = Fleethold.Resources.Wire.LabelQuery;

namespace Fleethold.Fuzz.Targets;

/// <summary>Label queries of the State API: refused with the two faults that clients expect, or taken and then the same on the wire again.</summary>
internal sealed class LabelQueryWireTarget : IFuzzTarget
{
    public string Name => "label-query-wire";

    public InputShape Shape => InputShape.Protobuf;

    public IEnumerable<byte[]> Seeds =>
        new[] { "a, !b", "a = b, c != d", "a in (b, c), d notin (e)", "mem >= 16 GiB, cores < 8" }
            .Select(text => LabelQueryCodec.ToWire(LabelSelector.Parse(text).Value).ToByteArray())
            .Append(new WireQuery { Terms = { new Resources.Wire.LabelTerm { Key = "a", Op = Resources.Wire.LabelTerm.Types.Operation.NotExists } } }.ToByteArray());

    public void Run(ReadOnlySpan<byte> input)
    {
        WireQuery message;
        try
        {
            message = WireQuery.Parser.ParseFrom(input);
        }
        catch (InvalidProtocolBufferException)
        {
            return;
        }

        if (!LabelQueryCodec.FromWire(message).Succeeded(out var query, out var fault))
        {
            Check.Same(true, fault is Fault.Invalid or Fault.Unsupported);
            return;
        }

        Check.Same(query, LabelQueryCodec.FromWire(LabelQueryCodec.ToWire(query)).Value);
        Check.Matches(query);
        LabelSelector.Format(query);
    }
}
