using Fleethold.Scenarios;
using Fleethold.Scenarios.Crash;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

// The crash tests start this program a second time as the process that gets killed.
return args switch
{
    [CrashWriter.Argument, .. var rest] => await CrashWriter.Run(rest),
    _ when args.Any(argument => argument is "--server" or "--internal-msbuild-node") =>
        await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions),
    _ => await ConsoleRunner.Run(args),
};
