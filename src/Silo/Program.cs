using Granary.Silo;

try
{
    var command = CommandLine.Parse(args);
    switch (command.Action)
    {
        case CommandLine.Actions.Help:
            Console.Write(Help.Text());
            return 0;
        case CommandLine.Actions.Version:
            Console.WriteLine($"Granary {Help.Version}");
            return 0;
        case CommandLine.Actions.Backup:
            return await Backup.RunAsync(command);
        case CommandLine.Actions.Health:
            return await Health.RunAsync(command);
        default:
            return await RunAsync(command.Arguments);
    }
}
catch (Exception fault)
{
    return StartFault.Report(fault);
}

static async Task<int> RunAsync(IReadOnlyList<string> arguments)
{
    using var signals = new StopSignals();
    WebApplication app;
    try
    {
        app = GranarySilo.Build(arguments);
    }
    catch (Exception fault)
    {
        return StartFault.Report(fault);
    }

    await using (app)
    {
        app.Services.GetRequiredService<StartLog>().Stop = signals.Token;
        try
        {
            await app.StartAsync(signals.Token);
        }
        catch (Exception) when (signals.Token.IsCancellationRequested
            || app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            Console.WriteLine("Granary was stopped while it started.");
            return 0;
        }
        catch (Exception fault)
        {
            return StartFault.Report(fault);
        }

        Banner.Print(app.Services.GetRequiredService<GranarySiloOptions>());
        await app.WaitForShutdownAsync();
        return 0;
    }
}
