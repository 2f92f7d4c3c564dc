namespace Fleethold.Simulator;

/// <summary>The executable <c>fleethold-sim</c>.</summary>
internal static class Program
{
    public static int Main(string[] arguments)
    {
        Console.Error.WriteLine("fleethold-sim: not implemented yet");
        return arguments.Length == 0 ? 2 : 1;
    }
}
