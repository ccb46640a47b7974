namespace Granary.Testing.Conformance.Stores;

/// <summary>A writer that did not get the answer sends the same append again.</summary>
public abstract class IdempotenceConformance<TStore> : StoreConformance<TStore>
    where TStore : TestStore, new()
{
    [Theory]
    [InlineData("any")]
    [InlineData("stream-exists")]
    [InlineData("no-stream")]
    [InlineData("exactly")]
    [InlineData("exactly-here")]
    public async Task A_retry_is_answered_with_the_version_position_and_time_of_then(string expected)
    {
        var (lost, landed) = await LandAsync(expected);
        await AppendAsync(lost.Stream, "c", "d");
        Assert.Equal(landed, await CommitAsync(lost, Noon.AddDays(1)));
        await AssertStoredOnceAsync(lost);

        // By another process, and by one that starts after a crash.
        Use(await Data.OpenAsync());
        Assert.Equal(landed, await CommitAsync(lost, Noon.AddDays(2)));
        Use(await Data.ReopenAsync());
        Assert.Equal(landed, await CommitAsync(lost, Noon.AddDays(3)));
        await AssertStoredOnceAsync(lost);
    }

    [Theory]
    [InlineData("no-stream")]
    [InlineData("exactly")]
    [InlineData("exactly-here")]
    public async Task A_retry_that_expects_a_version_is_found_at_any_distance(string expected)
    {
        var (lost, landed) = await LandAsync(expected);
        await AppendAsync(lost.Stream, Texts(GranaryLimits.AppendIdWindow + 200));

        Assert.Equal(landed, await CommitAsync(lost, Noon.AddDays(1)));
        await AssertStoredOnceAsync(lost);
    }

    [Theory]
    [InlineData("any")]
    [InlineData("stream-exists")]
    public async Task A_retry_that_expects_no_version_is_found_among_the_last_1000_events(string expected)
    {
        var (lost, landed) = await LandAsync(expected);
        await AppendAsync(lost.Stream, Texts(GranaryLimits.AppendIdWindow - 1));

        Assert.Equal(landed, await CommitAsync(lost, Noon.AddDays(1)));
        await AssertStoredOnceAsync(lost);
    }

    [Theory]
    [InlineData("any")]
    [InlineData("stream-exists")]
    [InlineData("no-stream")]
    [InlineData("exactly")]
    [InlineData("exactly-here")]
    public async Task A_retry_is_found_though_the_stream_was_cleared_since(string expected)
    {
        var (lost, landed) = await LandAsync(expected);

        // Each generation begins as the one of the append did: the expected version is met again.
        for (var generation = 1; generation <= 3; generation++)
        {
            await CommitAsync(Clear(lost.Stream));
            Assert.Equal(landed, await CommitAsync(lost, Noon.AddDays(1)));
            if (lost.Expected != ExpectedVersion.NoStream) await AppendAsync(lost.Stream, "before");
            Assert.Equal(landed, await CommitAsync(lost, Noon.AddDays(1)));
            await AppendAsync(lost.Stream, "after");
            Assert.Equal(landed, await CommitAsync(lost, Noon.AddDays(1)));
            if (generation == 1) Use(await Data.OpenAsync());
            if (generation == 2) Use(await Data.ReopenAsync());
        }

        Assert.Equal(
            lost.Expected == ExpectedVersion.NoStream ? "after" : "before after", await TextsAsync(lost.Stream));
        Assert.Equal(2, (await LogOfAsync(lost.Stream)).Count(one => one.AppendId == lost.Id));
    }

    [Fact]
    public async Task A_retry_is_found_whichever_generation_its_append_was_of()
    {
        const int generations = 4;
        var stream = Stream("generations");
        List<(Append Append, AppendResult Again)> lost = [];
        for (var generation = 0; generation < generations; generation++)
        {
            var append = Append(stream, ExpectedVersion.Any, "a", "b");
            lost.Add((append, await CommitAsync(append) with { Outcome = AppendOutcome.AlreadyAppended }));
            await CommitAsync(Clear(stream));
            foreach (var one in lost) Assert.Equal(one.Again, await CommitAsync(one.Append, Noon.AddDays(1)));
        }

        Assert.Equal(3 * generations, (await LogOfAsync(stream)).Count);
    }

    [Theory]
    [InlineData("any")]
    [InlineData("stream-exists")]
    [InlineData("no-stream")]
    [InlineData("exactly")]
    [InlineData("exactly-here")]
    public async Task A_retry_is_found_among_the_last_1000_events_the_cleared_ones_included(string expected)
    {
        var (lost, landed) = await LandAsync(expected);
        await AppendAsync(lost.Stream, "later");
        await CommitAsync(Clear(lost.Stream));
        await AppendAsync(lost.Stream, Texts(500));
        await CommitAsync(Clear(lost.Stream));
        await AppendAsync(lost.Stream, Texts(GranaryLimits.AppendIdWindow - 502));

        Assert.Equal(landed, await CommitAsync(lost, Noon.AddDays(1)));
        Assert.Equal(GranaryLimits.AppendIdWindow - 502, (await HeadAsync(lost.Stream)).Version.Value);
    }

    [Fact]
    public async Task Another_append_at_the_version_of_a_cleared_one_is_no_retry()
    {
        var (lost, _) = await LandAsync("exactly");
        await CommitAsync(Clear(lost.Stream));
        await AppendAsync(lost.Stream, "before");

        var other = await CommitAsync(Append(lost.Stream, lost.Expected, "other"));
        Assert.Equal((AppendOutcome.Appended, new StreamVersion(2)), (other.Outcome, other.Version));
        Assert.Equal("before other", await TextsAsync(lost.Stream));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task An_append_may_have_the_id_of_its_first_event(int events)
    {
        var stream = Stream("same-id");
        NewEvent[] given = [.. Texts(events).Select(Event)];
        var lost = new Append(stream, ExpectedVersion.Any, new(given[0].Id), given);
        var landed = (await CommitAsync(lost)) with { Outcome = AppendOutcome.AlreadyAppended };
        await AppendAsync(stream, "later");

        Use(await Data.OpenAsync());
        Assert.Equal(landed, await CommitAsync(lost));
        Assert.All(await StreamAsync(stream), (one, at) => Assert.Equal(at < events, one.AppendId == lost.Id));
        await CommitAsync(Clear(stream));
        Assert.Equal(landed, await CommitAsync(lost));
        var log = await LogOfAsync(stream);
        Assert.Equal(given.Select(static one => one.Id), log.Take(events).Select(static one => one.Id));
        Assert.All(log, (one, at) => Assert.Equal(at < events, one.AppendId == lost.Id));
    }

    [Fact]
    public async Task An_append_with_the_id_of_an_event_of_another_append_is_no_retry()
    {
        var first = Append(Stream("other-id"), ExpectedVersion.Any, "a", "b");
        await CommitAsync(first);
        foreach (var @event in first.Events)
        {
            Append Other(ExpectedVersion expected) => new(first.Stream, expected, new(@event.Id), [Event("other")]);
            Assert.Equal(AppendOutcome.Conflict, (await CommitAsync(Other(ExpectedVersion.NoStream))).Outcome);
            Assert.Equal(AppendOutcome.Appended, (await CommitAsync(Other(ExpectedVersion.Any))).Outcome);
        }

        Assert.Equal("a b other other", await TextsAsync(first.Stream));
    }

    // One that is sent again when its id is not looked for any more is a new append with the events of then.
    [Fact]
    public async Task Another_append_may_have_events_with_ids_that_are_stored()
    {
        var streams = Together(2);
        var first = Append(streams[0], ExpectedVersion.Any, "a", "b");
        await CommitAsync(first);
        foreach (var stream in streams)
        {
            var again = new Append(stream, ExpectedVersion.Any, new(NextId()), first.Events);
            Assert.Equal(AppendOutcome.Appended, (await CommitAsync(again)).Outcome);
        }

        Assert.Equal("a b a b a b", Reading.Texts(await LogOfAsync(streams[0])));
    }

    [Theory]
    [InlineData("any")]
    [InlineData("no-stream")]
    public async Task A_retry_in_the_batch_of_the_append_itself_is_found(string expected)
    {
        var streams = Together(2);
        var lost = Append(streams[0], expected == "any" ? ExpectedVersion.Any : ExpectedVersion.NoStream, "a", "b");

        var answers = await CommitAllAsync(lost, Append(streams[1], ExpectedVersion.Any, "x"), lost);
        Assert.Equal((AppendOutcome.Appended, new StreamVersion(2)), (answers[0].Outcome, answers[0].Version));
        Assert.Equal(answers[0] with { Outcome = AppendOutcome.AlreadyAppended }, answers[2]);
        Assert.Equal("a b x", Reading.Texts(await LogOfAsync(streams[0])));
    }

    [Theory]
    [InlineData("any")]
    [InlineData("no-stream")]
    public async Task Of_two_retries_at_once_one_at_most_lands(string expected)
    {
        var other = (await Data.OpenAsync()).Events;
        for (var round = 0; round < 20; round++)
        {
            var stream = Stream($"{round}");
            var lost = Append(stream, expected == "any" ? ExpectedVersion.Any : ExpectedVersion.NoStream, "a", "b");
            var answers = await Task.WhenAll(
                Task.Run(() => Events.CommitAsync(lost, Noon, Token).AsTask(), Token),
                Task.Run(() => other.CommitAsync(lost, Noon, Token).AsTask(), Token));

            Assert.Equal(
                [AppendOutcome.Appended, AppendOutcome.AlreadyAppended],
                answers.Select(static one => one.Outcome).Order());
            Assert.Single(answers.Select(static one => (one.Version, one.Position, one.Timestamp)).Distinct());
            Assert.Equal("a b", await TextsAsync(stream));
        }
    }

    [Fact]
    public async Task The_same_id_on_another_stream_is_another_append()
    {
        var streams = Together(2);
        var first = Append(streams[0], ExpectedVersion.Any, "a");
        var second = new Append(streams[1], ExpectedVersion.Any, first.Id, [Event("b")]);

        Assert.Equal(AppendOutcome.Appended, (await CommitAsync(first)).Outcome);
        Assert.Equal(AppendOutcome.Appended, (await CommitAsync(second)).Outcome);
        Assert.Equal("a b", Reading.Texts(await LogOfAsync(streams[0])));
    }

    [Fact]
    public async Task Another_append_after_the_same_version_is_no_retry()
    {
        var (lost, _) = await LandAsync("exactly");
        var other = Append(lost.Stream, lost.Expected, "other");
        Assert.Equal(AppendOutcome.Conflict, (await CommitAsync(other)).Outcome);
    }

    [Theory]
    [InlineData("any")]
    [InlineData("stream-exists")]
    [InlineData("exactly")]
    [InlineData("exactly-here")]
    public async Task A_retry_of_a_clearing_is_found_and_leaves_the_new_generation_unchanged(string expected)
    {
        var stream = Stream("retried");
        await AppendAsync(stream, "a", "b");
        var lost = Clear(stream, await ExpectationAsync(stream, expected));
        var landed = await CommitAsync(lost);
        Assert.Equal(new(AppendOutcome.Appended, default, At(stream, 3), Noon), landed);
        var again = landed with { Outcome = AppendOutcome.AlreadyAppended };
        Assert.Equal(again, await CommitAsync(lost, Noon.AddDays(1)));

        await AppendAsync(stream, "c");
        Assert.Equal(again, await CommitAsync(lost, Noon.AddDays(1)));
        Use(await Data.OpenAsync());
        Assert.Equal(again, await CommitAsync(lost, Noon.AddDays(1)));
        Assert.Equal("c", await TextsAsync(stream));
        Assert.Equal(4, (await LogOfAsync(stream)).Count);
    }

    [Theory]
    [InlineData("any")]
    [InlineData("stream-exists")]
    [InlineData("exactly")]
    [InlineData("exactly-here")]
    public async Task A_retry_of_a_clearing_is_found_after_later_clearings_of_the_stream(string expected)
    {
        var stream = Stream("retried");
        await AppendAsync(stream, "a", "b");
        var lost = Clear(stream, await ExpectationAsync(stream, expected));
        var again = await CommitAsync(lost) with { Outcome = AppendOutcome.AlreadyAppended };

        // Each generation has as many events as the one that was cleared: the expected version is met again.
        for (var generation = 1; generation <= 3; generation++)
        {
            await AppendAsync(stream, $"{generation}", "last");
            Assert.Equal(again, await CommitAsync(lost, Noon.AddDays(1)));
            Assert.Equal($"{generation} last", await TextsAsync(stream));
            if (generation == 2) Use(await Data.OpenAsync());
            await CommitAsync(Clear(stream));
            Assert.Equal(again, await CommitAsync(lost, Noon.AddDays(1)));
        }

        Assert.Equal(12, (await LogOfAsync(stream)).Count);
    }

    private static string[] Texts(int count) => Enumerable.Range(0, count).Select(static at => $"{at}").ToArray();

    /// <summary>An append of two events that landed, and what its retry has to be answered.</summary>
    private async Task<(Append Lost, AppendResult Landed)> LandAsync(string expected)
    {
        var streams = Together(2);
        await AppendAsync(streams[1], "x");
        if (expected != "no-stream") await AppendAsync(streams[0], "before");

        var lost = Append(streams[0], await ExpectationAsync(streams[0], expected), "lost", "lost");
        var landed = await CommitAsync(lost);
        Assert.Equal(AppendOutcome.Appended, landed.Outcome);
        return (lost, landed with { Outcome = AppendOutcome.AlreadyAppended });
    }

    private async Task<ExpectedVersion> ExpectationAsync(StreamName stream, string expected)
    {
        var head = await HeadAsync(stream);
        return expected switch
        {
            "any" => ExpectedVersion.Any,
            "stream-exists" => ExpectedVersion.StreamExists,
            "no-stream" => ExpectedVersion.NoStream,
            "exactly" => ExpectedVersion.Exactly(head.Version),
            _ => ExpectedVersion.Exactly(head.Version, head.Position.Position),
        };
    }

    private async Task AssertStoredOnceAsync(Append lost)
    {
        Assert.Equal(2, (await StreamAsync(lost.Stream)).Count(one => one.AppendId == lost.Id));
        var log = await LogOfAsync(lost.Stream);
        Assert.Equal(2, log.Count(one => one.AppendId == lost.Id));
        Assert.Equal(log.Count - 1, (await HeadAsync(lost.Stream)).Version.Value);
    }
}
