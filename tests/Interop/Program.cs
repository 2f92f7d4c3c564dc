using Fleethold.Interop;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

// The tests start this program again inside network namespaces, where it does what its standard input says.
return args switch
{
    [Agent.Argument, ..] => await Agent.Run(Console.In, Console.Out),
    _ when args.Any(argument => argument is "--server" or "--internal-msbuild-node") =>
        await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions),
    _ => await ConsoleRunner.Run(args),
};
