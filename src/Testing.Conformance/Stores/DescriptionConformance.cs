namespace Granary.Testing.Conformance.Stores;

/// <summary>What a store describes itself as is so, and stays so.</summary>
public abstract class DescriptionConformance<TStore> : StoreConformance<TStore>
    where TStore : TestStore, new()
{
    [Theory]
    [InlineData("crashed")]
    [InlineData("closed")]
    public async Task The_description_is_the_same_at_every_start(string end)
    {
        var first = await Events.InitializeAsync(Token);
        Assert.NotEqual(Guid.Empty, first.StoreId);
        Assert.Equal((Data.Partitions, Data.Partitions), (first.PartitionCount, Events.PartitionCount));

        await AppendAsync(Stream("described"), "a");
        Assert.Equal(first, await Events.InitializeAsync(Token));

        Use(end == "closed" ? await Data.ReopenAsync() : await Data.OpenAsync());
        Assert.Equal(first, await Events.InitializeAsync(Token));
    }

    [Fact]
    public async Task Another_store_has_another_id()
    {
        await using var data = new TStore();
        var other = await data.OpenAsync();

        Assert.NotEqual(
            (await Events.InitializeAsync(Token)).StoreId, (await other.Events.InitializeAsync(Token)).StoreId);
    }

    [Fact]
    public async Task What_is_as_large_as_the_limits_allow_is_taken()
    {
        var limits = (await Events.InitializeAsync(Token)).Limits;
        Assert.InRange(limits.EventSizeMax, 1, GranaryLimits.EventSizeMax);
        Assert.InRange(limits.AppendSizeMax, limits.EventSizeMax, GranaryLimits.BatchSizeMax);
        Assert.InRange(limits.AppendEventsMax, 1, GranaryLimits.AppendEventsMax);
        Assert.InRange(limits.BatchSizeMax, limits.AppendSizeMax, long.MaxValue);
        Assert.InRange(limits.BatchEventsMax, limits.AppendEventsMax, int.MaxValue);

        var (large, many) = (Stream("large"), Stream("many"));
        var sizes = Sizes(limits.EventSizeMax, limits.AppendSizeMax).ToArray();
        await CommitAsync(new(large, ExpectedVersion.NoStream, new(NextId()), sizes.Select(OfSize).ToArray()));
        Assert.Equal(sizes, (await StreamAsync(large)).Select(static one => one.Payload.Length));

        var texts = Enumerable.Repeat("{}", limits.AppendEventsMax).ToArray();
        var answer = await CommitAsync(Append(many, ExpectedVersion.NoStream, texts));
        Assert.Equal((AppendOutcome.Appended, limits.AppendEventsMax), (answer.Outcome, (int)answer.Version.Value));
        Assert.Equal(limits.AppendEventsMax, (await StreamAsync(many)).Count);
    }

    // The sizes of the fewest payloads that are, with their metadata, as large as an append may be.
    private static IEnumerable<int> Sizes(int eventMax, long appendMax)
    {
        var metadata = EventMetadata.Empty.Utf8.Length;
        for (; appendMax > eventMax + metadata; appendMax -= eventMax + metadata) yield return eventMax;
        yield return (int)appendMax - metadata;
    }

    private NewEvent OfSize(int size) => new(NextId(), "order.changed", new byte[size]);
}
