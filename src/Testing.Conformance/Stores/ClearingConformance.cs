namespace Granary.Testing.Conformance.Stores;

public abstract class ClearingConformance<TStore> : StoreConformance<TStore>
    where TStore : TestStore, new()
{
    [Fact]
    public async Task A_cleared_stream_is_empty_and_starts_again_at_version_0()
    {
        var stream = Stream("again");
        await AppendAsync(stream, "a", "b", "c");
        var answer = await CommitAsync(Clear(stream), Noon.AddHours(1));
        Assert.Equal(new(AppendOutcome.Appended, default, At(stream, 4), Noon.AddHours(1)), answer);
        Assert.Empty(await StreamAsync(stream));
        Assert.Equal(new StreamHead(stream, default, At(stream, 4), null, null), await HeadAsync(stream));

        await CommitAsync(Append(stream, ExpectedVersion.NoStream, "d", "e"), Noon.AddHours(2));
        var read = await StreamAsync(stream);
        Assert.Equal([1, 2], Reading.Versions(read));
        Assert.Equal([5, 6], Reading.Positions(read));
        Assert.Equal("d e", Reading.Texts(read));
        Assert.Equal(
            new StreamHead(stream, new(2), At(stream, 6), Noon.AddHours(2), Noon.AddHours(2), new(1)),
            await HeadAsync(stream));
    }

    [Fact]
    public async Task A_long_stream_is_cleared_whole()
    {
        const int length = 2_600;
        var stream = Stream("long");
        await AppendAsync(stream, Enumerable.Repeat("cleared", length).ToArray());
        await CommitAsync(Clear(stream));
        await AppendAsync(stream, "new");

        Assert.Equal("new", await TextsAsync(stream));
        var log = await LogOfAsync(stream);
        Assert.Equal(Reading.OneTo(length + 2), Reading.Positions(log));
        Assert.All(log.SkipLast(1), static one => Assert.Equal((true, 0), (one.IsTombstone, one.Payload.Length)));
    }

    [Fact]
    public async Task Nothing_of_a_cleared_generation_comes_back()
    {
        var streams = Together(2);
        for (var generation = 0; generation < 6; generation++)
        {
            // Generations of different lengths, so that what is left of one would stick out of the next.
            var texts = Enumerable.Range(0, 20 - 3 * generation).Select(at => $"{generation}-{at}").ToArray();
            await AppendAsync(streams[0], texts);
            await AppendAsync(streams[1], $"{generation}");
            Assert.Equal(texts, (await StreamAsync(streams[0])).Select(Reading.Text));
            Assert.Equal(texts[5..], (await StreamAsync(streams[0], after: 5)).Select(Reading.Text));
            if (generation % 2 == 1) Use(await Data.OpenAsync());
            if (generation == 4) Use(await Data.ReopenAsync());
            Assert.Equal(texts, (await StreamAsync(streams[0])).Select(Reading.Text));
            await CommitAsync(Clear(streams[0]));
            Assert.Empty(await StreamAsync(streams[0]));
        }

        Assert.Equal("0 1 2 3 4 5", await TextsAsync(streams[1]));
    }

    [Fact]
    public async Task What_was_cleared_is_left_in_the_log_as_tombstones_without_payload_or_metadata()
    {
        var streams = Together(2);
        var secret = new NewEvent(NextId(), "order.secret", "secret"u8.ToArray())
        {
            Metadata = EventMetadata.Of([new("actor", "ada")]),
            ContentType = "text/secret",
        };
        var append = new Append(streams[0], ExpectedVersion.Any, new(NextId()), [secret, Event("b")]);
        await CommitAsync(append);
        await AppendAsync(streams[1], "kept");
        var clear = Clear(streams[0]);
        await CommitAsync(clear, Noon.AddHours(1));

        Use(await Data.OpenAsync());
        var log = await LogOfAsync(streams[0]);
        Assert.Equal(
            [EventTypes.Tombstone, EventTypes.Tombstone, "order.changed", EventTypes.StreamCleared],
            log.Select(static one => one.Type));
        Assert.Equal([1, 2, 1, 0], Reading.Versions(log));
        Assert.Equal(Reading.OneTo(4), Reading.Positions(log));
        Assert.Equal([append.Id, append.Id, log[2].AppendId, clear.Id], log.Select(static one => one.AppendId));
        Assert.Equal([Noon, Noon, Noon, Noon.AddHours(1)], log.Select(static one => one.Timestamp));
        Assert.Equal("kept", Reading.Text(log[2]));
        Assert.All(log.Where(static one => one.IsTombstone), recorded =>
        {
            Assert.Equal(streams[0], recorded.Stream);
            Assert.Equal((0, 0), (recorded.Payload.Length, recorded.Metadata.Pairs.Count));
            Assert.Equal((ContentTypes.Json, 1), (recorded.ContentType, recorded.SchemaVersion));
        });
    }

    [Fact]
    public async Task Clearing_drops_the_snapshots_of_that_stream_alone()
    {
        var streams = Together(2);
        foreach (var stream in streams)
        {
            await AppendAsync(stream, "a", "b");
            await Snapshots.WriteSnapshotAsync(SnapshotOf(stream, 1), Token);
            await Snapshots.WriteSnapshotAsync(SnapshotOf(stream, 2), Token);
        }

        await CommitAsync(Clear(streams[0]));
        await AppendAsync(streams[0], "c", "d");
        Assert.Null(await Snapshots.ReadSnapshotAsync(streams[0], new(long.MaxValue), null, Token));
        Assert.NotNull(await Snapshots.ReadSnapshotAsync(streams[1], new(long.MaxValue), null, Token));
    }

    [Fact]
    public async Task Clearing_a_stream_without_events_writes_nothing()
    {
        var stream = Stream("nothing");
        foreach (var expected in new[] { ExpectedVersion.Any, ExpectedVersion.NoStream })
        {
            Assert.Equal(
                new(AppendOutcome.Appended, default, At(stream, 0), Noon), await CommitAsync(Clear(stream, expected)));
        }

        Assert.Empty(await LogOfAsync(stream));
        await AppendAsync(stream, "a");
        await CommitAsync(Clear(stream));
        var answer = await CommitAsync(Clear(stream));
        Assert.Equal((AppendOutcome.Appended, StreamVersion.Zero), (answer.Outcome, answer.Version));
        Assert.Equal(2, (await LogOfAsync(stream)).Count);
    }

    [Fact]
    public async Task Clearing_expects_a_version_as_any_append_does()
    {
        var stream = Stream("expects");
        await AppendAsync(stream, "a", "b");
        ExpectedVersion[] unmet =
            [ExpectedVersion.NoStream, ExpectedVersion.Exactly(new(1)), ExpectedVersion.Exactly(new(2), new(1))];
        foreach (var expected in unmet)
        {
            Assert.Equal(
                new(AppendOutcome.Conflict, new(2), At(stream, 2), Noon), await CommitAsync(Clear(stream, expected)));
        }

        Assert.Equal("a b", await TextsAsync(stream));
        var met = Clear(stream, ExpectedVersion.Exactly(new(2)));
        Assert.Equal(AppendOutcome.Appended, (await CommitAsync(met)).Outcome);
        Assert.Equal(
            AppendOutcome.Conflict, (await CommitAsync(Clear(stream, ExpectedVersion.StreamExists))).Outcome);
    }

    [Fact]
    public async Task Clearing_in_a_batch_counts_for_the_appends_after_it()
    {
        var streams = Together(2);
        await AppendAsync(streams[0], "old");
        var answers = await CommitAllAsync(
            Append(streams[0], ExpectedVersion.Exactly(new(1)), "older"),
            Clear(streams[0], ExpectedVersion.Exactly(new(2))),
            Append(streams[1], ExpectedVersion.NoStream, "x"),
            Append(streams[0], ExpectedVersion.NoStream, "new"),
            Append(streams[0], ExpectedVersion.Exactly(new(1)), "newer"));

        Assert.All(answers, static one => Assert.Equal(AppendOutcome.Appended, one.Outcome));
        Assert.Equal([2, 0, 1, 1, 2], answers.Select(static one => one.Version.Value));
        Assert.Equal([2, 3, 4, 5, 6], answers.Select(static one => one.Position.Position.Value));
        Assert.Equal("new newer", await TextsAsync(streams[0]));
        var log = await LogOfAsync(streams[0]);
        Assert.Equal("   x new newer", Reading.Texts(log));
        Assert.Equal([true, true, true, false, false, false], log.Select(static one => one.IsTombstone));
    }

    [Fact]
    public async Task What_is_cleared_reads_as_tombstones_in_every_instance_before_it_is_scrubbed()
    {
        var stream = Stream("hidden");
        var others = await Data.OpenAsync();
        await AppendAsync(stream, "secret", "secret");
        Assert.Equal("secret secret", Reading.Texts(await Reading.AllAsync(
            others.Events.ReadLogAsync(At(stream, 0), Token))));
        await CommitAsync(Clear(stream));

        foreach (var instance in new[] { others, await Data.OpenAsync() })
        {
            Use(instance);
            Assert.Equal(
                [EventTypes.Tombstone, EventTypes.Tombstone, EventTypes.StreamCleared],
                (await LogOfAsync(stream)).Select(static one => one.Type));
            Assert.Equal("  ", Reading.Texts(await LogOfAsync(stream)));

            // The filter sees what the reader sees.
            Assert.Equal([1, 2], await PositionsOfTypeAsync(stream, EventTypes.Tombstone));
            Assert.Empty(await PositionsOfTypeAsync(stream, "order.changed"));
        }
    }

    [Fact]
    public async Task What_is_cleared_is_scrubbed_in_steps_that_no_reader_notices()
    {
        var streams = Together(2);
        for (var at = 1; at <= 5; at++)
        {
            await AppendAsync(streams[0], $"secret {at}");
            await AppendAsync(streams[1], $"kept {at}");
        }

        await CommitAsync(Clear(streams[0]), Noon.AddHours(1));
        var (log, head) = (await ShownAsync(streams[0]), await HeadAsync(streams[0]));
        Assert.DoesNotContain(log, static one => one.Contains("secret", StringComparison.Ordinal));

        foreach (var more in new[] { true, true, false, false })
        {
            Assert.Equal(more, await Events.ScrubAsync(2, Token));
            Assert.Equal(log, await ShownAsync(streams[0]));
            Assert.Equal(head, await HeadAsync(streams[0]));
            Assert.Empty(await StreamAsync(streams[0]));
            Assert.Equal(5, (await StreamAsync(streams[1])).Count);
        }

        await CommitAsync(Append(streams[0], ExpectedVersion.NoStream, "new"));
        Assert.Equal("new", await TextsAsync(streams[0]));
    }

    [Fact]
    public async Task A_stream_that_is_cleared_again_before_it_is_scrubbed_keeps_what_came_since()
    {
        var stream = Stream("again and again");
        await AppendAsync(stream, "a", "b", "c");
        await CommitAsync(Clear(stream));
        await AppendAsync(stream, "d", "e");
        await CommitAsync(Clear(stream));
        await AppendAsync(stream, "f", "g", "h");
        var log = await ShownAsync(stream);
        Assert.Equal("       f g h", Reading.Texts(await LogOfAsync(stream)));

        foreach (var more in new[] { true, true, false })
        {
            Assert.Equal(more, await Events.ScrubAsync(2, Token));
            Assert.Equal(log, await ShownAsync(stream));
            Assert.Equal("f g h", await TextsAsync(stream));
        }
    }

    [Fact]
    public async Task Any_instance_scrubs_what_another_has_cleared()
    {
        var stream = Stream("shared");
        var other = await Data.OpenAsync();
        await AppendAsync(stream, "a", "b", "c");
        await CommitAsync(Clear(stream));
        Assert.True(await other.Events.ScrubAsync(2, Token));
        Assert.False(await Events.ScrubAsync(2, Token));
        Assert.False(await other.Events.ScrubAsync(2, Token));

        // What one that ended has left is known to one that came later.
        await AppendAsync(stream, "d", "e", "f");
        await CommitAsync(Clear(stream));
        Assert.True(await Events.ScrubAsync(1, Token));
        Use(await Data.ReopenAsync());
        var log = await ShownAsync(stream);
        Assert.True(await Events.ScrubAsync(1, Token));
        Assert.False(await Events.ScrubAsync(1, Token));
        Assert.Equal(log, await ShownAsync(stream));
    }

    [Fact]
    public async Task Scrubbing_where_nothing_is_left_does_nothing()
    {
        Assert.False(await Events.ScrubAsync(1, Token));
        var stream = Stream("nothing to scrub");
        await CommitAsync(Clear(stream));
        Assert.False(await Events.ScrubAsync(1, Token));
        await AppendAsync(stream, "a", "b");
        Assert.False(await Events.ScrubAsync(int.MaxValue, Token));
        Assert.Equal("a b", await TextsAsync(stream));
    }

    [Fact]
    public async Task A_step_of_no_event_is_refused()
    {
        foreach (var eventsMax in new[] { 0, -1, int.MinValue })
        {
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
                async () => await Events.ScrubAsync(eventsMax, Token));
        }
    }

    [Fact]
    public async Task A_retry_is_found_before_and_after_its_events_are_scrubbed()
    {
        var stream = Stream("retried");
        Append[] appends =
        [
            Append(stream, ExpectedVersion.Any, "a", "b"),
            Append(stream, ExpectedVersion.Exactly(new(2)), "c", "d"),
            Clear(stream),
        ];
        var answers = new List<AppendResult>();
        foreach (var append in appends) answers.Add(await CommitAsync(append));
        for (var more = true; more;)
        {
            foreach (var (append, answer) in appends.Zip(answers))
                Assert.Equal(answer with { Outcome = AppendOutcome.AlreadyAppended }, await CommitAsync(append));
            more = await Events.ScrubAsync(1, Token);
        }

        foreach (var (append, answer) in appends.Zip(answers))
            Assert.Equal(answer with { Outcome = AppendOutcome.AlreadyAppended }, await CommitAsync(append));
    }

    private Snapshot SnapshotOf(StreamName stream, long version) => new()
    {
        Stream = stream,
        Version = new(version),
        Position = At(stream, version),
        Timestamp = Noon,
        Fingerprint = "f",
        Checksum = 1,
        Payload = "state"u8.ToArray(),
    };
}
