using Granary.Storage.AzureStorage;

namespace Granary.Tests.Conformance.Azure;

/// <summary>Who waits looks at the ends of partitions, and rarely where nothing is found.</summary>
public sealed class AzureTailTests : AzureTest
{
    private const int Partitions = 3;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    [Fact]
    public async Task A_partition_in_which_nothing_is_found_is_looked_at_less_often_whoever_begins_to_wait()
    {
        var requests = new Requests();
        var look = await OpenLookAsync(requests, Interval, new(0), new(1), new(2));

        // The first time, then after 1, 2, 4, 8 and 16 looks.
        await LookAsync(look, 40);
        Assert.Equal(6 * Partitions, requests.All);

        foreach (var at in Enumerable.Range(0, Partitions))
        {
            look.End(new(at));
            look.Begin(new(at));
        }

        await LookAsync(look, 7);
        Assert.Equal(6 * Partitions, requests.All);
        await LookAsync(look, 160);
        Assert.Equal(16 * Partitions, requests.All);
    }

    [Fact]
    public async Task A_partition_that_nobody_waits_for_is_not_looked_at()
    {
        var requests = new Requests();
        var look = await OpenLookAsync(requests, Interval, new(1), new(2));
        look.End(new(2));

        Assert.Equal([new LogPosition(new(1), default)], await look.ReadEndsAsync());
        Assert.Equal(1, requests.All);
    }

    [Theory]
    [InlineData(100, 10)]
    [InlineData(1_000, 20)]
    [InlineData(2_500, 50)]
    [InlineData(10_000, 100)]
    public async Task A_partition_is_looked_at_each_five_seconds_at_least_or_as_often_as_is_asked_for(
        int intervalMs, int expected)
    {
        var requests = new Requests();
        var look = await OpenLookAsync(requests, TimeSpan.FromMilliseconds(intervalMs), new LogPartition(0));
        await LookAsync(look, 40);
        requests.Restart();

        await LookAsync(look, intervalMs == 100 ? 160 : 100);

        Assert.Equal(expected, requests.All);
    }

    [Fact]
    public async Task A_partition_that_has_grown_is_looked_at_next_time_again()
    {
        var requests = new Requests();
        var store = await OpenAsync(requests);
        var look = new TailLook(store.Account, Partitions, Interval);
        look.Begin(new(1));
        await LookAsync(look, 47);
        await CommitAsync(store, Append(StreamsIn(store, new(1), 1)[0], ExpectedVersion.Any, "a", "b"));
        var found = new LogPosition(new(1), new(2));

        Assert.Equal([found], await look.ReadEndsAsync());
        Assert.Equal([found], await look.ReadEndsAsync());
        Assert.Empty(await look.ReadEndsAsync());
    }

    [Fact]
    public async Task A_partition_that_this_process_appends_to_is_looked_at_next_time_again()
    {
        var look = await OpenLookAsync(new Requests(), Interval, new LogPartition(1));
        await LookAsync(look, 40);
        look.OnAppended(new LogPosition(new(1), new(2)));

        Assert.Single(await look.ReadEndsAsync());
    }

    private async Task<TailLook> OpenLookAsync(Requests requests, TimeSpan interval, params LogPartition[] waiting)
    {
        var look = new TailLook((await OpenAsync(requests)).Account, Partitions, interval);
        foreach (var one in waiting) look.Begin(one);
        requests.Restart();
        return look;
    }

    private static async Task LookAsync(TailLook look, int times)
    {
        for (var at = 0; at < times; at++) await look.ReadEndsAsync();
    }
}
