using Azure.Data.Tables;

namespace Granary.Benchmarks;

/// <summary>
/// Requests of the kinds that commits are made of, and nothing else: what no log that sends one a commit is faster
/// than.
/// </summary>
internal static class AzureRequests
{
    private const int CallerCount = 16, Each = 40, LogBytes = 8 * 1024, RowBytes = 200;

    private static readonly (string What, Func<TableClient, int, int, Task> SendAsync)[] Kinds =
    [
        ($"replaces a row of {LogBytes / 1024} KiB, as LogStorage at 100 events", (table, caller, _) =>
            table.UpsertEntityAsync(Row(caller, "log", LogBytes), TableUpdateMode.Replace)),
        ("inserts one small row, the least that a commit can be", (table, caller, at) =>
            table.AddEntityAsync(Row(caller, $"least-{at}", RowBytes))),
        ("replaces one and inserts one, in a transaction", (table, caller, at) =>
            table.SubmitTransactionAsync(Actions(caller, at, "two", 1))),
        ("replaces one and inserts three, as Granary for one append", (table, caller, at) =>
            table.SubmitTransactionAsync(Actions(caller, at, "four", 3))),
        ("replaces one and inserts nine, as Granary for four appends", (table, caller, at) =>
            table.SubmitTransactionAsync(Actions(caller, at, "ten", 9))),
    ];

    public static async Task<string> MeasureAsync(DataFolder folder, RunSize size)
    {
        List<double>[] rates = [.. Kinds.Select(static _ => new List<double>())];
        for (var turn = -1; turn < size.Of(15, 3); turn++)
        {
            foreach (var ((_, send), found) in Kinds.Zip(rates))
            {
                var rate = await RateAsync(send);
                if (turn >= 0) found.Add(rate);
            }
        }

        var rows = new List<string[]> { ((string[])["a request that", "requests/s", "to the first", "spread"]) };
        foreach (var ((what, _), found) in Kinds.Zip(rates))
        {
            var pairs = Pairs.Of(found, rates[0]);
            rows.Add(
            [
                what, Text.Number(pairs.First.Median), Text.Number(pairs.Ratios.Median),
                Text.Percent(pairs.Ratios.Spread),
            ]);
        }

        return $"""
            The client's bare requests of {CallerCount} callers, each with a partition of the table of its own, in
            turns: no grain and no log. A log that sends one request a commit is at most as many times as fast as
            LogStorage over tables as the second line says, whatever it stores.


            """.ReplaceLineEndings("\n") + Text.Table(rows);
    }

    private static async Task<double> RateAsync(Func<TableClient, int, int, Task> send)
    {
        await using var names = new AzureNames(way: null);
        var table = names.Tables().GetTableClient(names.Name);
        await table.CreateAsync();
        var outcome = await Callers.RunAsync(new Load(CallerCount) { CommandsEach = Each }, caller =>
        {
            var sent = 0;
            return () => send(table, caller, sent++);
        });
        return outcome.CommandsPerSecond;
    }

    private static IEnumerable<TableTransactionAction> Actions(int caller, int at, string kind, int inserted) =>
    [
        new(TableTransactionActionType.UpsertReplace, Row(caller, $"{kind}-tail", 0)),
        .. Enumerable.Range(0, inserted).Select(row => new TableTransactionAction(
            TableTransactionActionType.Add, Row(caller, $"{kind}-{at}-{row}", RowBytes))),
    ];

    private static TableEntity Row(int caller, string key, int bytes) => new($"caller-{caller}", key)
    {
        ["First"] = 1L, ["Last"] = 1L, ["Id"] = Guid.Empty, ["Data"] = new byte[bytes],
    };
}
