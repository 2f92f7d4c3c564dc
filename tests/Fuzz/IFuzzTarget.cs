namespace Fleethold.Fuzz;

/// <summary>What kind of text or bytes a target reads, so that mutations keep enough of the form to get far into it.</summary>
public enum InputShape
{
    /// <summary>Anything.</summary>
    Bytes,

    /// <summary>Text in UTF-8.</summary>
    Text,

    /// <summary>Text in lines, whose indentation counts.</summary>
    Yaml,

    /// <summary>A protobuf message.</summary>
    Protobuf,
}

/// <summary>
/// One parser under fire. To add one: implement this, and list it in <see cref="FuzzTargets.All"/>; the bounded run of the tests, the
/// long run and the corpus folder follow from the name.
/// </summary>
public interface IFuzzTarget
{
    /// <summary>Also the name of the folder under <c>corpus</c>.</summary>
    string Name { get; }

    /// <summary>
    /// Gives the input to the parser and checks what comes back. Bad input that is refused as it should be is a normal return; any
    /// exception is a finding. Runs many times in one process and must not keep state.
    /// </summary>
    void Run(ReadOnlySpan<byte> input);

    /// <summary>How mutations are made.</summary>
    InputShape Shape => InputShape.Bytes;

    /// <summary>Words of the language that mutations put in.</summary>
    IReadOnlyList<string> Words => [];

    /// <summary>Inputs to start from that are made rather than kept in the corpus.</summary>
    IEnumerable<byte[]> Seeds => [];

    /// <summary>
    /// How many bytes one run may allocate, for any input of this length. Everything that a run allocates counts, also what the check
    /// itself does, so it bounds the memory that a stranger's input can cost.
    /// </summary>
    long AllocationLimit(int inputLength) => 64_000 + (inputLength * 200L);
}
