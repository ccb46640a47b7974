using System.Globalization;

namespace Granary.Benchmarks;

/// <summary>How many requests a million events take, and what these cost.</summary>
internal static class AzureCosts
{
    private const int Million = 1_000_000, EventsEach = 100, Streams = 200, Callers = 100;

    // A list price, in dollars for 10,000 of each.
    private const double TablePrice = 0.00036, BlobWritePrice = 0.05, BlobReadPrice = 0.004;
    private const string PriceOf = "West US 2, LRS, blobs of the hot tier, on 30 April 2026";

    public static async Task<string> MeasureAsync(DataFolder folder, RunSize size)
    {
        var (streams, events) = (size.Of(Streams, Callers), size.Of(EventsEach, 20));
        var rows = new List<string[]>
        {
            ((string[])["", "callers", "events a commit", "table transactions", "their rows", "table writes",
                "table reads", "blob writes", "blob reads", "MB sent", "price", "by rows"]),
        };
        var requests = new StorageRequests();
        rows.Add(await RowAsync("Granary", new GranaryOnAzure(requests), requests, folder, 1, streams, events));
        requests = new StorageRequests();
        rows.Add(await RowAsync("Granary", new GranaryOnAzure(requests), requests, folder, Callers, streams, events));
        foreach (var inBlobs in (bool[])[false, true])
        {
            requests = new StorageRequests();
            rows.Add(await RowAsync(
                inBlobs ? "LogStorage over blobs" : "LogStorage over tables",
                new LogStorageOnAzure(inBlobs, requests), requests, folder, Callers, streams, events));
        }

        return Explain(streams, events) + "\n\n" + Text.Table(rows) + "\n\n" + Formula;
    }

    private static string Formula => string.Create(CultureInfo.InvariantCulture, $"""
        The price of the requests is

            (table transactions + table writes + table reads) / 10,000 x T
              + blob writes / 10,000 x W + blob reads / 10,000 x R

        with T = ${TablePrice}, W = ${BlobWritePrice} and R = ${BlobReadPrice}, the list prices of
        {PriceOf}.
        Put in those of your region and redundancy. A request with several rows of a table is one transaction, as
        Microsoft describes its billing, by requests; should a bill count each of its rows, `by rows` is the price,
        with the rows in the place of the transactions. Not in it: what is stored (a gigabyte in tables costs about
        twice what it does in hot blobs, and Granary stores events twice), snapshots that are replaced, readers of the
        log, and what a cluster's membership and reminders take. A reader that waits looks at each partition's end with
        one table read, ten times a second where something was found lately, else down to once in 1.6 s.
        """).ReplaceLineEndings("\n");

    private static string Explain(int streams, int events) => string.Create(CultureInfo.InvariantCulture, $"""
        For a million events; {streams * events:N0} were measured ({streams} streams of {events} events, one event a
        command), and the numbers are multiplied. The table reads are those of activations. LogStorage's requests are
        as many whatever the callers, since it writes each grain's log by itself; the bytes that it sends grow with the
        length of the streams, which is {events} here in the end.
        """).ReplaceLineEndings("\n");

    private static async Task<string[]> RowAsync(
        string what, ICandidate inner, StorageRequests requests, DataFolder folder, int callers, int streams,
        int events)
    {
        await using var candidate = new Counted(what, inner);
        await inner.StartAsync(folder.Next());
        requests.Take();
        using var commits = new CommitCount();
        for (var first = 0; first < streams; first += callers)
            await candidate.RunAsync(new Load(callers) { FirstGrain = first, CommandsEach = events });
        var (counts, each) = (requests.Take(), commits.AppendsEach);
        await candidate.CheckAsync();

        var scale = (double)Million / (streams * events);
        string Scaled(long count) => Count(count * scale);
        return
        [
            what, $"{callers}", commits.Commits == 0 ? "" : Text.Number(each), Scaled(counts.TableGroups),
            Scaled(counts.RowsInGroups), Scaled(counts.TableWrites), Scaled(counts.TableReads),
            Scaled(counts.BlobWrites), Scaled(counts.BlobReads), Scaled(counts.BytesSent / Million),
            Dollars(PriceOfAll(counts, counts.TableGroups) * scale),
            Dollars(PriceOfAll(counts, counts.RowsInGroups) * scale),
        ];
    }

    private static double PriceOfAll(RequestCounts counts, long groups) =>
        ((groups + counts.TableWrites + counts.TableReads) * TablePrice + counts.BlobWrites * BlobWritePrice
            + counts.BlobReads * BlobReadPrice) / 10_000;

    private static string Count(double count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static string Dollars(double price) => "$" + price.ToString("0.000", CultureInfo.InvariantCulture);
}
