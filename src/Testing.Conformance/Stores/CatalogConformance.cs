namespace Granary.Testing.Conformance.Stores;

/// <summary>The names of a store's streams are listed, each of them once.</summary>
public abstract class CatalogConformance<TStore> : StoreConformance<TStore>
    where TStore : TestStore, new()
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1000)]
    public async Task Every_stream_is_listed_once_whatever_the_size_of_a_page(int limit)
    {
        var names = await ManyAsync(20);
        Assert.Equal(names.Order(ByName), (await AllAsync(null, limit)).Order(ByName));
    }

    [Fact]
    public async Task The_streams_of_a_category_are_listed_alone()
    {
        StreamName[] names =
        [
            new("order", "1"), new("orders", "1"), new("Order", "1"), new("order", "2"), new("or", "der"),
            new("order", "\U0001F600"), new("order", "a/b"),
        ];
        foreach (var name in names) await AppendAsync(name, "a");

        Assert.Equal(
            names.Where(static one => one.Category == "order").Order(ByName),
            (await AllAsync("order", limit: 2)).Order(ByName));
        Assert.Equal([names[1]], await AllAsync("orders", limit: 2));
        Assert.Empty(await AllAsync("absent", limit: 2));
        Assert.Empty(await AllAsync("%", limit: 2));
    }

    [Fact]
    public async Task The_order_is_the_same_in_every_instance_and_whenever_it_is_read()
    {
        await ManyAsync(20);
        var listed = await AllAsync(null, limit: 4);
        await AppendAsync(listed[7], "later");
        await CommitAsync(Clear(listed[3]));

        Assert.Equal(listed, await AllAsync(null, limit: 7));
        Use(await Data.OpenAsync());
        Assert.Equal(listed, await AllAsync(null, limit: 5));
        Use(await Data.ReopenAsync());
        Assert.Equal(listed, await AllAsync(null, limit: 100));
    }

    [Fact]
    public async Task A_stream_that_was_cleared_is_listed_and_one_that_never_held_an_event_is_not()
    {
        await AppendAsync(Stream("cleared"), "a");
        await CommitAsync(Clear(Stream("cleared")));
        await CommitAsync(Clear(Stream("nothing")));
        await CommitAsync(Append(Stream("refused"), ExpectedVersion.StreamExists, "a"));

        Assert.Equal([Stream("cleared")], await AllAsync(null, limit: 10));
    }

    [Fact]
    public async Task A_stream_that_is_listed_already_does_not_come_again_when_others_begin()
    {
        var names = await ManyAsync(6);
        var first = await Streams.ReadStreamsAsync(null, null, 3, Token);
        foreach (var category in new[] { "!", "a", "b", "n", "z", "\U0001F600" })
            await AppendAsync(new StreamName(category, "1"), "a");
        var rest = await AllAsync(null, limit: 3, first.Next);

        var listed = first.Streams.Concat(rest).ToList();
        Assert.Equal(listed.Distinct(), listed);
        Assert.Empty(names.Except(listed));
    }

    [Fact]
    public async Task An_empty_store_has_one_empty_page()
    {
        var page = await Streams.ReadStreamsAsync(null, null, 10, Token);
        Assert.Empty(page.Streams);
        Assert.Null(page.Next);
    }

    [Fact]
    public async Task What_is_no_page_is_refused()
    {
        await AppendAsync(Stream("a"), "a");
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            async () => await Streams.ReadStreamsAsync(null, null, 0, Token));
        await Assert.ThrowsAnyAsync<ArgumentException>(
            async () => await Streams.ReadStreamsAsync(null, Stream("absent"), 1, Token));
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await Streams.ReadStreamsAsync(null, null, 1, cancelled.Token));
    }

    private static Comparer<StreamName> ByName { get; } = Comparer<StreamName>.Create(
        static (one, other) => string.CompareOrdinal(one.ToString(), other.ToString()));

    private async Task<List<StreamName>> ManyAsync(int count)
    {
        var names = Enumerable.Range(0, count)
            .Select(static at => new StreamName(at % 3 == 0 ? "order" : "account", $"{at * 7 % 20}")).ToList();
        foreach (var name in names) await AppendAsync(name, "a");
        return names;
    }

    private async Task<List<StreamName>> AllAsync(string? category, int limit, StreamName? after = null)
    {
        var all = new List<StreamName>();
        while (true)
        {
            var page = await Streams.ReadStreamsAsync(category, after, limit, Token);
            Assert.InRange(page.Streams.Count, 0, limit);
            all.AddRange(page.Streams);
            if (page.Next is not { } next) return all;
            after = next;
        }
    }
}
