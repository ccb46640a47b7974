using Granary.Tests.Integration;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

// The tests start this very program once more, to have their load or a silo with grains of theirs in another process.
if (args is [LoadProcess.Mode, ..]) return await LoadProcess.RunAsync(args);
if (args is [MovingSilo.Mode, .. var moving]) return await MovingSilo.RunAsync(moving);
if (args is [ProbeSilo.Mode, .. var arguments]) return await ProbeSilo.RunAsync(arguments);

return args.Any(argument => argument is "--server" or "--internal-msbuild-node")
    ? await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions)
    : await ConsoleRunner.Run(args);
