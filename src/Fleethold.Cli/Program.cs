using Fleethold.Cli;

return await CommandLine.Run(args, Terminal.Own);
