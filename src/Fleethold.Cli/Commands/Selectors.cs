using Fleethold.Resources.Queries;
using Fleethold.Resources.Wire;
using LabelQuery = Fleethold.Resources.Wire.LabelQuery;

namespace Fleethold.Cli.Commands;

/// <summary>Text selectors as label queries of the wire.</summary>
internal static class Selectors
{
    /// <summary>Reads one selector.</summary>
    /// <exception cref="CommandFailure">It can't be understood.</exception>
    public static LabelQuery Parse(string text) => LabelSelector.Parse(text).Succeeded(out var query, out var fault)
        ? LabelQueryCodec.ToWire(query)
        : throw new CommandFailure($"can't understand the selector \"{text}\": {fault.Message}");
}
