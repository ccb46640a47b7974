using Granary.Runtime;

namespace Granary.Tests.Unit.Following;

/// <summary>How the batches of a reader are read: several pages at once, and still every event once.</summary>
public sealed class BatchReaderTests
{
    private static CancellationToken Token => FollowedLog.Token;

    [Fact]
    public async Task Several_pages_are_one_batch_and_every_event_is_handled_once_in_order()
    {
        await using var log = await FilledAsync(5_700, "one");
        var batches = new List<LogBatch>();
        log.OnBatch = batches.Add;
        var (worker, _) = log.Start(log.Define() with { BatchEventsMax = 2_500 });
        await log.PassedAsync(worker);

        Assert.Equal([2_500, 2_500, 700], batches.Select(static one => one.Events.Count));
        Assert.Equal(
            Enumerable.Range(1, 5_700).Select(static at => (long)at),
            batches.SelectMany(static one => one.Events).Select(static one => one.Position.Position.Value));
        Assert.Equal(5_700, (await log.ReadCountsAsync()).Values.Sum());
    }

    [Fact]
    public async Task A_batch_of_many_bytes_gets_no_further_page()
    {
        await using var log = await FilledAsync(1_500, new string('x', BatchReader.BatchBytesMax / 1_000));
        var reader = new BatchReader(log.Define() with { BatchEventsMax = 5_000 }, default, log.Events);
        var page = await reader.ReadAsync(GlobalPosition.Zero, Token);

        Assert.Equal(GranaryLimits.PageSizeMax, page.Events.Count);
        Assert.True(page.More);
    }

    [Fact]
    public async Task A_batch_goes_no_further_than_a_page_that_the_filter_takes_nothing_of()
    {
        await using var log = await FilledAsync(5_000, "one");
        var filter = new LogFilter { Categories = new HashSet<string> { "other" } };
        var reader = new BatchReader(log.Define(filter), default, log.Events);
        var page = await reader.ReadAsync(GlobalPosition.Zero, Token);

        Assert.Empty(page.Events);
        Assert.InRange(page.Through.Value, 1, 4_999);
        Assert.True(page.More);
    }

    private static async Task<FollowedLog> FilledAsync(int events, string payload)
    {
        var log = new FollowedLog();
        await log.StartTablesAsync();
        for (var at = 0; at < events; at++) await log.AppendAsync($"s{at % 7}", payload);
        return log;
    }
}
