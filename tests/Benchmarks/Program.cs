using Granary.Benchmarks;

try
{
    switch (args.FirstOrDefault())
    {
        case "compare":
            return await CompareCommand.RunAsync(CompareArguments.Parse(args[1..]));
        case "run":
            await RunCommand.RunAsync(RunArguments.Parse(args[1..]));
            return 0;
        case "micro":
            MicroCommand.Run(args[1..]);
            return 0;
        case null or "help" or "--help" or "-h":
            Console.WriteLine(Usage.Text);
            return 0;
        default:
            throw new ArgumentsException($"There is no '{args[0]}'.");
    }
}
catch (ArgumentsException fault)
{
    await Console.Error.WriteLineAsync($"{fault.Message}{Environment.NewLine}{Environment.NewLine}{Usage.Text}");
    return 2;
}
