namespace Granary.Testing.Conformance.Stores;

/// <summary>Everything is found again when the data are opened, after a crash as after an orderly end.</summary>
public abstract class ReopeningConformance<TStore> : StoreConformance<TStore>
    where TStore : TestStore, new()
{
    [Theory]
    [InlineData("crashed")]
    [InlineData("closed")]
    public async Task Everything_is_there_again_and_continues_from_there(string end)
    {
        var streams = Enumerable.Range(0, 5).Select(static at => Stream($"{at}")).ToArray();
        for (var round = 0; round < 4; round++)
        {
            for (var at = 0; at < 20; at++) await AppendAsync(streams[at % 4], $"{round}-{at}");
            await CommitAsync(Clear(streams[round]));
            var before = await EverythingAsync(streams);

            Use(end == "closed" ? await Data.ReopenAsync() : await Data.OpenAsync());
            Assert.Equal(before, await EverythingAsync(streams));
        }

        var first = await CommitAsync(Append(streams[4], ExpectedVersion.NoStream, "new"));
        Assert.Equal((AppendOutcome.Appended, new StreamVersion(1)), (first.Outcome, first.Version));
        var held = (await HeadAsync(streams[0])).Version;
        Assert.Equal(held.Plus(1), (await CommitAsync(Append(streams[0], ExpectedVersion.Exactly(held), "a"))).Version);
    }

    [Fact]
    public async Task Making_the_store_ready_again_changes_nothing_also_by_several_at_once()
    {
        var stream = Stream("again");
        await AppendAsync(stream, "a", "b");
        var again = Enumerable.Range(0, 3)
            .Select(Task (_) => Task.Run(() => Events.InitializeAsync(Token).AsTask(), Token));
        await Task.WhenAll([.. again, Data.OpenAsync().AsTask(), Data.OpenAsync().AsTask()]);

        Assert.Equal("a b", await TextsAsync(stream));
        Assert.Equal(3, (await AppendAsync(stream, "c")).Version.Value);
    }

    private async Task<List<string>> EverythingAsync(StreamName[] streams)
    {
        var everything = new List<string>();
        foreach (var stream in streams)
        {
            everything.Add((await HeadAsync(stream)).ToString());
            everything.AddRange((await StreamAsync(stream)).Select(Shown));
        }

        for (var at = 0; at < Data.Partitions; at++) everything.AddRange((await LogAsync(new(at))).Select(Shown));
        return everything;
    }

    private static string Shown(RecordedEvent one) =>
        $"{one.Position} {one.Stream} {one.Version} {one.Id} {one.AppendId} {one.Type} {one.Timestamp:O} "
        + Reading.Text(one);
}
