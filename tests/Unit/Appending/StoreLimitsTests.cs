using Granary.Runtime;
using static Granary.Tests.Unit.Appending.AppenderHarness;

namespace Granary.Tests.Unit.Appending;

/// <summary>A store may take less than Granary does: what it does not take never comes to it.</summary>
public sealed class StoreLimitsTests
{
    private static readonly StoreLimits Narrow = new()
    {
        EventSizeMax = 20,
        AppendSizeMax = 50,
        AppendEventsMax = 3,
        BatchSizeMax = 60,
        BatchEventsMax = 4,
    };

    [Theory]
    [InlineData(1, 21, "event")]
    [InlineData(3, 17, "append")]
    [InlineData(4, 1, "number of events in the append")]
    public async Task An_append_that_is_over_a_limit_of_the_store_is_refused(int events, int eventSize, string subject)
    {
        await using var harness = new AppenderHarness(limits: Narrow);
        await harness.SiloStore.InitializeAsync(TestContext.Current.CancellationToken);

        var error = await Assert.ThrowsAsync<LimitExceededException>(
            () => harness.Send(Of("a", events, eventSize)));

        Assert.Equal(subject, error.Subject);
        Assert.False(harness.Store.HasUnseen);
    }

    [Fact]
    public async Task A_commit_holds_no_more_than_the_store_takes()
    {
        await using var harness = new AppenderHarness(limits: Narrow);
        await harness.SiloStore.InitializeAsync(TestContext.Current.CancellationToken);
        var (_, occupied) = await harness.OccupyAsync();
        var appends = new[] { ("a", 2, 5), ("b", 2, 5), ("c", 1, 20), ("d", 2, 15), ("e", 1, 20) };
        foreach (var (key, events, size) in appends) _ = harness.Send(Of(key, events, size));
        occupied.Release();

        foreach (var keys in new string[][] { ["a", "b"], ["c", "d"], ["e"] })
        {
            var commit = await harness.Store.NextAsync();
            Assert.Equal(keys, commit.Keys);
            commit.Release();
        }
    }

    [Theory]
    [InlineData(0, 50, 3, 60, 4)]
    [InlineData(2_000_000, 3_000_000, 3, 3_000_000, 4)]
    [InlineData(20, 19, 3, 60, 4)]
    [InlineData(20, 5_000_000, 3, 5_000_000, 4)]
    [InlineData(20, 50, 0, 60, 4)]
    [InlineData(20, 50, 3, 49, 4)]
    [InlineData(20, 50, 3, 60, 2)]
    public async Task A_store_with_limits_that_cannot_be_stops_the_start(
        int eventSize, long appendSize, int appendEvents, long batchSize, int batchEvents)
    {
        var limits = new StoreLimits
        {
            EventSizeMax = eventSize,
            AppendSizeMax = appendSize,
            AppendEventsMax = appendEvents,
            BatchSizeMax = batchSize,
            BatchEventsMax = batchEvents,
        };
        await using var harness = new AppenderHarness(limits: limits);

        await Assert.ThrowsAsync<StoreCorruptException>(
            () => harness.SiloStore.InitializeAsync(TestContext.Current.CancellationToken).AsTask());
    }

    [Fact]
    public async Task A_store_without_an_id_or_with_another_number_of_partitions_stops_the_start()
    {
        var token = TestContext.Current.CancellationToken;
        var described = new GateStore(2).Description;
        foreach (var wrong in new[] { described with { StoreId = Guid.Empty }, described with { PartitionCount = 3 } })
            await Assert.ThrowsAsync<StoreCorruptException>(
                () => new SiloStore(new GateStore(2) { Description = wrong }).InitializeAsync(token).AsTask());
    }
}
