namespace Fleethold.Simulator;

/// <summary>The executable <c>fleethold-sim</c>.</summary>
internal static class Program
{
    public static Task<int> Main(string[] arguments) => Commands.SimulatorCommand.Make(Console.Out, Console.Error, TimeProvider.System).Parse(arguments).InvokeAsync();
}
