namespace Granary.Testing.Conformance.Stores;

/// <summary>A truncated stream has lost the events before a version, and nothing else.</summary>
public abstract class TruncationConformance<TStore> : StoreConformance<TStore>
    where TStore : TestStore, new()
{
    [Fact]
    public async Task The_events_before_the_version_are_removed_and_the_stream_stays_at_its_own()
    {
        var streams = Together(2);
        foreach (var text in new[] { "a", "b", "c", "d" })
        {
            await AppendAsync(streams[0], text);
            await AppendAsync(streams[1], text);
        }

        Assert.True(await TruncateAsync(streams[0], before: 3));

        Assert.Equal("c d", Reading.Texts(await StreamAsync(streams[0], after: 2)));
        Assert.Equal("d", Reading.Texts(await StreamAsync(streams[0], after: 3)));
        Assert.Equal("a b c d", await TextsAsync(streams[1]));
        Assert.Equal(
            new StreamHead(streams[0], new(4), At(streams[0], 7), Noon, Noon, First: new(3)),
            await HeadAsync(streams[0]));
        await CommitAsync(Append(streams[0], ExpectedVersion.Exactly(new(4), new(7)), "e"));
        Assert.Equal("c d e", Reading.Texts(await StreamAsync(streams[0], after: 2)));
    }

    [Fact]
    public async Task A_stream_that_was_not_truncated_begins_at_version_1()
    {
        var stream = Stream("whole");
        Assert.Equal(0, (await HeadAsync(stream)).First.Value);
        await AppendAsync(stream, "a", "b");
        Assert.Equal(1, (await HeadAsync(stream)).First.Value);
    }

    [Fact]
    public async Task Reading_what_was_removed_is_an_error_that_says_where_the_stream_begins()
    {
        var stream = await TruncatedAsync("error", events: 5, before: 4);

        foreach (var after in new[] { 0, 1, 2 })
        {
            var fault = await Assert.ThrowsAsync<StreamTruncatedException>(() => StreamAsync(stream, after));
            Assert.Equal((stream, after + 1, 4), (fault.Stream, fault.Requested.Value, fault.First.Value));
        }

        Assert.Equal([4, 5], Reading.Versions(await StreamAsync(stream, after: 3)));
        Assert.Equal([5], Reading.Versions(await StreamAsync(stream, after: 4)));
        Assert.Empty(await StreamAsync(stream, after: 5));
    }

    [Fact]
    public async Task A_page_backward_ends_at_the_first_event_that_is_left()
    {
        var stream = await TruncatedAsync("backward", events: 70, before: 3);

        var page = await Events.ReadStreamBackwardAsync(stream, new(71), 100, Token);
        Assert.Equal((68, 3L, false), (page.Events.Count, page.Events[^1].Version.Value, page.More));
        page = await Events.ReadStreamBackwardAsync(stream, new(5), 1, Token);
        Assert.Equal((4L, true), (Assert.Single(page.Events).Version.Value, page.More));
        await Assert.ThrowsAsync<StreamTruncatedException>(
            async () => await Events.ReadStreamBackwardAsync(stream, new(3), 10, Token));
        Assert.Empty((await Events.ReadStreamBackwardAsync(stream, new(1), 10, Token)).Events);
    }

    [Fact]
    public async Task What_was_removed_is_left_in_the_log_as_tombstones_without_payload_or_metadata()
    {
        var stream = Stream("log");
        var secret = new NewEvent(NextId(), "order.secret", "secret"u8.ToArray())
        {
            Metadata = EventMetadata.Of([new("actor", "ada")]),
            ContentType = "text/secret",
        };
        var append = new Append(stream, ExpectedVersion.Any, new(NextId()), [secret, Event("b"), Event("c")]);
        await CommitAsync(append);
        await TruncateAsync(stream, before: 3);

        var log = await LogOfAsync(stream);
        Assert.Equal(
            [EventTypes.Tombstone, EventTypes.Tombstone, "order.changed"], log.Select(static one => one.Type));
        Assert.Equal([1, 2, 3], Reading.Versions(log));
        Assert.Equal([1, 2, 3], Reading.Positions(log));
        Assert.Equal("  c", Reading.Texts(log));
        Assert.Equal(append.Events.Select(static one => one.Id), log.Select(static one => one.Id));
        Assert.All(log, one => Assert.Equal((append.Id, Noon), (one.AppendId, one.Timestamp)));
        Assert.All(log.SkipLast(1), static one => Assert.Equal(
            (0, ContentTypes.Json, 1), (one.Metadata.Pairs.Count, one.ContentType, one.SchemaVersion)));
    }

    [Fact]
    public async Task Every_instance_sees_it_at_once()
    {
        var stream = Stream("seen");
        var other = await Data.OpenAsync();
        await AppendAsync(stream, "a", "b", "c");
        Assert.Equal("a b c", Reading.Texts(await Reading.AllAsync(other.Events.ReadLogAsync(At(stream, 0), Token))));
        Assert.Equal(3, (await Reading.AllAsync(other.Events.ReadStreamAsync(stream, default, Token))).Count);
        await TruncateAsync(stream, before: 3);

        foreach (var instance in new[] { other, await Data.OpenAsync() })
        {
            Use(instance);
            Assert.Equal("  c", Reading.Texts(await LogOfAsync(stream)));
            Assert.Equal(3, (await HeadAsync(stream)).First.Value);
            await Assert.ThrowsAsync<StreamTruncatedException>(() => StreamAsync(stream));

            // The filter sees what the reader sees.
            Assert.Equal([1, 2], await PositionsOfTypeAsync(stream, EventTypes.Tombstone));
            Assert.Equal([3], await PositionsOfTypeAsync(stream, "order.changed"));
        }
    }

    [Theory]
    [InlineData("crashed")]
    [InlineData("closed")]
    public async Task A_truncation_is_there_when_the_store_is_opened_again(string end)
    {
        var stream = await TruncatedAsync("kept", events: 4, before: 3);

        Use(end == "closed" ? await Data.ReopenAsync() : await Data.OpenAsync());

        Assert.Equal((3, 4), ((await HeadAsync(stream)).First.Value, (await HeadAsync(stream)).Version.Value));
        Assert.Equal([3, 4], Reading.Versions(await StreamAsync(stream, after: 2)));
        await Assert.ThrowsAsync<StreamTruncatedException>(() => StreamAsync(stream));
    }

    [Fact]
    public async Task Its_content_is_scrubbed_in_steps_that_no_reader_notices()
    {
        var streams = Together(2);
        for (var at = 1; at <= 6; at++)
        {
            await AppendAsync(streams[0], $"secret {at}");
            await AppendAsync(streams[1], $"kept {at}");
        }

        Assert.False(await Events.ScrubAsync(100, Token));
        await TruncateAsync(streams[0], before: 6);
        var (log, head) = (await ShownAsync(streams[0]), await HeadAsync(streams[0]));
        foreach (var more in new[] { true, true, false, false })
        {
            Assert.Equal(more, await Events.ScrubAsync(2, Token));
            Assert.Equal(log, await ShownAsync(streams[0]));
            Assert.Equal(head, await HeadAsync(streams[0]));
            Assert.Equal("secret 6", Reading.Texts(await StreamAsync(streams[0], after: 5)));
            Assert.Equal(6, (await StreamAsync(streams[1])).Count);
        }
    }

    [Fact]
    public async Task Truncating_again_removes_what_is_new_and_no_more()
    {
        var stream = Stream("again");
        await AppendAsync(stream, "a", "b", "c", "d", "e", "f");
        Assert.True(await TruncateAsync(stream, before: 3));
        Assert.False(await Events.ScrubAsync(2, Token));
        Assert.True(await TruncateAsync(stream, before: 5));
        Assert.False(await Events.ScrubAsync(2, Token));
        Assert.Equal("    e f", Reading.Texts(await LogOfAsync(stream)));
        Assert.Equal("e f", Reading.Texts(await StreamAsync(stream, after: 4)));

        // Before what was removed is scrubbed, too.
        await AppendAsync(stream, "g", "h", "i");
        await TruncateAsync(stream, before: 7);
        await TruncateAsync(stream, before: 9);
        for (var more = true; more;) more = await Events.ScrubAsync(1, Token);
        Assert.Equal("        i", Reading.Texts(await LogOfAsync(stream)));
        Assert.Equal((9, 9), ((await HeadAsync(stream)).First.Value, (await HeadAsync(stream)).Version.Value));
    }

    [Fact]
    public async Task A_retry_and_an_earlier_version_change_nothing_and_are_true()
    {
        var stream = await TruncatedAsync("retry", events: 5, before: 4);
        var log = await ShownAsync(stream);

        foreach (var before in new[] { 4, 2, 1 })
        {
            Assert.True(await TruncateAsync(stream, before));
            Assert.Equal(4, (await HeadAsync(stream)).First.Value);
            Assert.Equal(log, await ShownAsync(stream));
        }
    }

    [Fact]
    public async Task Nothing_is_removed_where_the_event_is_not_at_its_position()
    {
        var streams = Together(2);
        await AppendAsync(streams[0], "a", "b", "c");
        await AppendAsync(streams[1], "x");
        (long Before, long Position)[] wrong = [(3, 2), (2, 3), (4, 4), (1, 4), (4, 3), (3, long.MaxValue), (1, 0)];
        foreach (var (before, position) in wrong)
            Assert.False(await Events.TruncateAsync(new(streams[0], new(before), At(streams[0], position)), Token));
        var absent = Stream("absent");
        Assert.False(await Events.TruncateAsync(new(absent, new(1), At(absent, 1)), Token));

        Assert.Equal("a b c", await TextsAsync(streams[0]));
        Assert.False(await Events.ScrubAsync(10, Token));
    }

    [Fact]
    public async Task A_truncation_of_a_generation_that_was_cleared_leaves_the_new_one_as_it_is()
    {
        var stream = Stream("generation");
        await AppendAsync(stream, "a", "b", "c");
        await TruncateAsync(stream, before: 2);
        await CommitAsync(Clear(stream));
        await AppendAsync(stream, "d", "e", "f");

        Assert.False(await Events.TruncateAsync(new(stream, new(3), At(stream, 3)), Token));
        Assert.Equal("d e f", await TextsAsync(stream));
        Assert.Equal(
            new StreamHead(stream, new(3), At(stream, 7), Noon, Noon, First: new(1)), await HeadAsync(stream));

        Assert.True(await TruncateAsync(stream, before: 2));
        for (var more = true; more;) more = await Events.ScrubAsync(1, Token);
        Assert.Equal("e f", Reading.Texts(await StreamAsync(stream, after: 1)));
        Assert.Equal("     e f", Reading.Texts(await LogOfAsync(stream)));
    }

    [Fact]
    public async Task A_stream_that_is_cleared_after_a_truncation_begins_anew()
    {
        var stream = await TruncatedAsync("cleared", events: 4, before: 3);
        await CommitAsync(Clear(stream));
        Assert.Equal(new StreamHead(stream, default, At(stream, 5), null, null), await HeadAsync(stream));
        Assert.Empty(await StreamAsync(stream));

        await AppendAsync(stream, "new");
        for (var more = true; more;) more = await Events.ScrubAsync(1, Token);
        Assert.Equal("new", await TextsAsync(stream));
        Assert.Equal("     new", Reading.Texts(await LogOfAsync(stream)));
    }

    [Fact]
    public async Task An_append_is_found_by_its_id_though_its_events_were_removed()
    {
        var stream = Stream("ids");
        Append[] appends =
        [
            Append(stream, ExpectedVersion.Any, "a", "b"),
            Append(stream, ExpectedVersion.Exactly(new(2)), "c"),
            Append(stream, ExpectedVersion.Exactly(new(3), new(3)), "d"),
            Append(stream, ExpectedVersion.Any, "e"),
        ];
        var answers = new List<AppendResult>();
        foreach (var append in appends) answers.Add(await CommitAsync(append));
        await TruncateAsync(stream, before: 5);

        for (var more = true; more;)
        {
            foreach (var (append, answer) in appends.Zip(answers))
                Assert.Equal(answer with { Outcome = AppendOutcome.AlreadyAppended }, await CommitAsync(append));
            more = await Events.ScrubAsync(1, Token);
        }

        Assert.Equal(5, (await LogOfAsync(stream)).Count);
    }

    [Fact]
    public async Task A_long_stream_is_truncated_at_any_version()
    {
        const int length = 2_600;
        var stream = Stream("long");
        await AppendAsync(stream, Enumerable.Repeat("x", length).ToArray());
        foreach (var before in new[] { 2, 64, 65, 66, 1_000, length })
        {
            await TruncateAsync(stream, before);
            Assert.Equal(
                Enumerable.Range(before, length - before + 1).Select(static at => (long)at),
                Reading.Versions(await StreamAsync(stream, after: before - 1)));
            for (var more = true; more;) more = await Events.ScrubAsync(500, Token);
            await Assert.ThrowsAsync<StreamTruncatedException>(() => StreamAsync(stream, after: before - 2));
        }

        Assert.Equal(Reading.OneTo(length), Reading.Positions(await LogOfAsync(stream)));
    }

    [Fact]
    public async Task What_is_no_truncation_is_refused()
    {
        var stream = Stream("refused");
        await AppendAsync(stream, "a", "b");
        var elsewhere = new LogPosition(new(Data.Partitions), new(2));
        await Assert.ThrowsAnyAsync<ArgumentException>(
            async () => await Events.TruncateAsync(new(stream, default, At(stream, 1)), Token));
        await Assert.ThrowsAnyAsync<ArgumentException>(
            async () => await Events.TruncateAsync(new(stream, new(2), elsewhere), Token));
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await Events.TruncateAsync(new(stream, new(2), At(stream, 2)), cancelled.Token));

        Assert.Equal("a b", await TextsAsync(stream));
    }

    private async Task<StreamName> TruncatedAsync(string key, int events, long before)
    {
        await AppendAsync(Stream(key), Enumerable.Range(1, events).Select(static at => $"{at}").ToArray());
        Assert.True(await TruncateAsync(Stream(key), before));
        return Stream(key);
    }

    // Before the event of that version of the current generation, wherever it is.
    private async Task<bool> TruncateAsync(StreamName stream, long before)
    {
        var stays = (await LogOfAsync(stream)).Last(one => one.Stream == stream && one.Version.Value == before);
        return await Events.TruncateAsync(new(stream, new(before), stays.Position), Token);
    }
}
