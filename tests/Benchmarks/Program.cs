using System.CommandLine;
using Granary.Benchmarks;

var folder = new Option<string>("--folder")
{
    Description = "Where the data is written and deleted again. In a memory file system every sync is free.",
    DefaultValueFactory = static _ => DataFolder.Default,
};

var quick = new Option<bool>("--quick") { Description = "Within a minute: fewer, shorter and smaller repetitions." };
var only = new Option<string[]>("--only")
{
    Description = "Some of the rows, separated by commas.",
    CustomParser = static found => [.. found.Tokens.SelectMany(static one => one.Value.Split(','))],
    DefaultValueFactory = static _ => [],
};
only.Validators.Add(static found =>
{
    var unknown = found.Tokens.SelectMany(static one => one.Value.Split(',')).Except(Comparison.Ids).ToArray();
    if (unknown.Length > 0)
        found.AddError($"--only: no row {string.Join(", ", unknown)}. There are {string.Join(", ", Comparison.Ids)}.");
});
var json = new Option<FileInfo?>("--json") { Description = "Writes id, value, least, aim and spread of every row." };
var markdown = new Option<FileInfo?>("--markdown") { Description = "Writes the page docs/performance.md." };
var compare = new Command("compare", "Measures every row, each contestant against its peer in turns.")
{
    quick, only, json, markdown, folder,
};
compare.SetAction((asked, _) => new Comparison(asked.GetValue(folder)!, asked.GetValue(quick), asked.GetValue(only)!)
    .RunAsync(asked.GetValue(json), asked.GetValue(markdown)));

var contestant = new Argument<string>("contestant") { Description = "Who runs." };
contestant.AcceptOnlyFromAmong([.. Contestants.All.Select(static one => one.Name)]);
var callers = new Option<int>("--callers") { Description = "How many call at once, each its own grain." };
callers.DefaultValueFactory = static _ => 1_000;
var batch = new Option<int>("--batch") { Description = "Events a command; for a bare loop, events a commit." };
batch.DefaultValueFactory = static _ => 1;
var seconds = new Option<int>("--seconds") { Description = "How long it runs, after a warm-up." };
seconds.DefaultValueFactory = static _ => 10;
foreach (var option in new[] { callers, batch, seconds })
{
    option.Validators.Add(found =>
    {
        if (found.GetValueOrDefault<int>() < 1) found.AddError($"{option.Name} is at least 1.");
    });
}

var run = new Command("run", "Runs one contestant under one load, to profile it.")
{
    contestant, callers, batch, seconds, folder,
};
run.SetAction(async (asked, _) =>
{
    var load = new Load(asked.GetValue(callers))
    {
        EventsEach = asked.GetValue(batch),
        Duration = TimeSpan.FromSeconds(asked.GetValue(seconds)),
        Latencies = true,
    };
    await SingleRun.RunAsync(asked.GetValue(contestant)!, load, asked.GetValue(folder)!);
    return 0;
});

return await new RootCommand("What Granary costs, beside its peers.") { compare, run }.Parse(args).InvokeAsync();
