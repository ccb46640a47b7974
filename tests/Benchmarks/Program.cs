using System.CommandLine;
using System.Globalization;
using Granary.Benchmarks;

var folder = new Option<string>("--folder")
{
    Description = "Where the data is written and deleted again. In a memory file system every sync is free.",
    DefaultValueFactory = static _ => DataFolder.Default,
};
var quick = new Option<bool>("--quick") { Description = "Within minutes: fewer, shorter and smaller repetitions." };
var markdown = new Option<FileInfo?>("--markdown")
{
    Description = "Writes the command's part of docs/performance.md, or of its own page, into this file.",
};
var suites = Suites.All.Select(Measure);

var candidate = new Argument<string>("candidate") { Description = "What runs." };
candidate.AcceptOnlyFromAmong([.. Candidates.All.Select(static one => one.Name)]);
var callers = new Option<int>("--callers")
{
    Description = "How many call at once, each its own grain.", DefaultValueFactory = static _ => 1_000,
};
var seconds = new Option<int>("--seconds")
{
    Description = "How long it runs, after a warm-up.", DefaultValueFactory = static _ => 10,
};
var run = new Command("run", "Runs one candidate under one load, to profile it.")
{
    candidate, callers, seconds, folder,
};
run.SetAction((line, _) => RunAsync(
    line.GetValue(candidate)!,
    new Load(line.GetValue(callers)) { Duration = TimeSpan.FromSeconds(line.GetValue(seconds)), Latencies = true },
    line.GetValue(folder)!));

var kind = new Argument<LoadKind>("kind");
var port = new Argument<int>("port");
var load = new Command(LoadProcess.Command, "Sends a load to a silo; started by the program itself.")
{
    kind, port,
};
load.Hidden = true;
load.SetAction((line, _) => LoadProcess.RunAsync(line.GetValue(kind), line.GetValue(port)));

var silo = new Command(SiloProcess.Command, "The shipped silo with a load in it; started by the program itself.");
silo.Hidden = true;
silo.SetAction((_, _) => SiloProcess.RunAsync());

var root = new RootCommand("What Granary costs, beside its peers.") { run, load, silo };
foreach (var one in suites) root.Add(one);
return await root.Parse(args).InvokeAsync();

Command Measure(Suite suite)
{
    var only = new Option<string[]>("--only")
    {
        Description = "Some of the rows, separated by commas.",
        CustomParser = static found => [.. found.Tokens.SelectMany(static one => one.Value.Split(','))],
        DefaultValueFactory = static _ => [],
    };
    only.Validators.Add(found =>
    {
        var unknown = found.Tokens.SelectMany(static one => one.Value.Split(',')).Except(suite.Ids).ToArray();
        if (unknown.Length > 0)
            found.AddError($"--only: no row {string.Join(", ", unknown)}. There are {string.Join(", ", suite.Ids)}.");
    });
    var command = new Command(suite.Name, suite.What) { quick, only, markdown, folder };
    command.SetAction((line, _) =>
        new Comparison(suite, line.GetValue(folder)!, line.GetValue(quick), line.GetValue(only)!)
            .RunAsync(line.GetValue(markdown)));
    return command;
}

static async Task RunAsync(string name, Load load, string under)
{
    using var data = new DataFolder(under);
    await using var counted = Candidates.Make(name);
    await counted.Inner.StartAsync(data.Next());
    await counted.WarmUpAsync(load, new RunSize(Quick: false));
    Console.WriteLine($"{name}, process {Environment.ProcessId}, {load.Callers} caller(s); warm.");

    var outcome = await counted.RunAsync(load);
    await counted.CheckAsync();
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
          commands/s         {outcome.CommandsPerSecond:N0}
          bytes per command  {outcome.BytesPerCommand:N0}
          p50, p99, p99.9    {Text.Of(outcome.Latencies!)}
        """));
}
