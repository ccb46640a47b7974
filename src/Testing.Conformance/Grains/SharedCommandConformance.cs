namespace Granary.Testing.Conformance.Grains;

/// <summary>What commands may rely on that interleave at a reentrant grain, or meet another silo's.</summary>
public abstract class SharedCommandConformance<TStore> : GrainConformance<TStore>
    where TStore : TestStore, new()
{
    private ISharedTillGrain Till(string key) => Cluster.Client.GetGrain<ISharedTillGrain>(key);

    private static StreamName Stream(string key) => new("shared-till", key);

    [Fact]
    public async Task Commands_that_interleave_are_decided_one_after_the_other_and_share_an_append()
    {
        var till = Till("many");
        var gate = Store.HoldNextCommit();
        var first = till.Put(null, 1);
        await gate.Reached;
        var others = Enumerable.Range(0, 149).Select(number => till.Put($"c{number}", 1)).ToArray();
        await DecidedAsync(till, 150);
        gate.Open();

        TillAnswer[] answers = [await first, .. await Task.WhenAll(others)];
        Assert.Equal(Enumerable.Range(1, 150), answers.Select(static answer => answer.Content).Order());
        Assert.Equal(Enumerable.Range(1, 150), answers.Select(static answer => answer.Version).Order());
        Assert.Equal(2, (await StoredAsync(Stream("many"))).Select(static one => one.AppendId).Distinct().Count());
        Assert.Equal(new TillAnswer(true, 150, 150), await till.Content());
    }

    [Fact]
    public async Task Each_of_the_commands_that_interleave_is_refused_alone()
    {
        var till = Till("alone");
        var gate = Store.HoldNextCommit();
        var put = till.Put(null, 5);
        await gate.Reached;
        var takes = Enumerable.Range(0, 8).Select(_ => till.Take(1)).ToArray();
        var throws = till.TakeOrThrow(6);
        var gone = till.PutAndThrow(100);
        await DecidedAsync(till, 11);
        gate.Open();

        await put;
        var answers = await Task.WhenAll(takes);
        Assert.Equal(5, answers.Count(static answer => answer.Accepted));
        await Assert.ThrowsAsync<EmptyTillException>(() => throws);
        await Assert.ThrowsAsync<EmptyTillException>(() => gone);
        Assert.Equal(0, (await till.Content()).Content);
        Assert.Equal(6, (await StoredAsync(Stream("alone"))).Count);
    }

    [Fact]
    public async Task Where_another_writer_is_faster_all_of_them_are_decided_again()
    {
        var till = Till("raced");
        await till.Put(null, 10);
        var gate = Store.HoldNextCommit();
        var takes = Enumerable.Range(0, 10).Select(_ => till.Take(1)).ToArray();
        await gate.Reached;
        await DecidedAsync(till, 11);
        await AppendElsewhereAsync(Stream("raced"), "test.taken", 7);
        gate.Open();

        var answers = await Task.WhenAll(takes);
        Assert.Equal(3, answers.Count(static answer => answer.Accepted));
        Assert.Equal(new TillAnswer(true, 0, 5), await till.ContentNow());
    }

    [Fact]
    public async Task A_command_that_is_sent_again_while_it_runs_has_one_effect_and_one_answer()
    {
        var till = Till("twice");
        var gate = Store.HoldNextCommit();
        var first = till.Put("a", 5);
        await gate.Reached;
        var second = till.Put("a", 5);
        var other = till.Put("a", 6);
        var beside = till.Put("b", 1);
        await DecidedAsync(till, 2);
        gate.Open();

        Assert.Equal(new TillAnswer(true, 5, 1), await first);
        Assert.Equal(new TillAnswer(true, 5, 1), await second);
        await Assert.ThrowsAsync<CommandIdReusedException>(() => other);
        Assert.Equal(new TillAnswer(true, 6, 2), await beside);
        Assert.Equal(2, (await StoredAsync(Stream("twice"))).Count);
    }

    [Fact]
    public async Task A_command_is_decided_on_what_was_raised_before_it_and_confirmed_with_it()
    {
        var till = Till("beside");
        Assert.Equal(new TillAnswer(true, 8, 2), await till.PutBesideCommand(3, 5));
        Assert.Single((await StoredAsync(Stream("beside"))).Select(static one => one.AppendId).Distinct());
    }

    [Fact]
    public async Task A_refusal_is_decided_on_what_is_stored_now_and_so_is_an_error()
    {
        var till = Till("stale");
        Assert.False((await till.Take(1)).Accepted);
        await AppendElsewhereAsync(Stream("stale"), "test.put", 1);
        Assert.True((await till.Take(1)).Accepted);

        await AppendElsewhereAsync(Stream("stale"), "test.put", 1);
        Assert.True((await till.TakeOrThrow(1)).Accepted);
        Assert.Equal(0, (await Assert.ThrowsAsync<EmptyTillException>(() => till.TakeOrThrow(1))).Content);
    }

    [Fact]
    public async Task A_repeated_command_is_not_answered_from_a_stream_that_was_cleared()
    {
        var till = Till("cleared");
        await till.Put("a", 5);
        await ClearElsewhereAsync(Stream("cleared"));

        Assert.Equal(new TillAnswer(true, 6, 1), await till.Put("a", 6));
        Assert.Single(await StoredAsync(Stream("cleared")));
    }

    [Fact]
    public async Task A_read_that_refreshes_first_has_what_another_writer_appended_and_reads_nothing_else()
    {
        var till = Till("read");
        await till.Put(null, 1);
        await AppendElsewhereAsync(Stream("read"), "test.put", 2);
        Assert.Equal(new TillAnswer(true, 1, 1), await till.Content());
        Assert.Equal(new TillAnswer(true, 3, 2), await till.ContentNow());

        var reads = Store.StreamReads;
        Assert.Equal(new TillAnswer(true, 3, 2), await till.ContentNow());
        Assert.Equal(reads, Store.StreamReads);
    }

    [Fact]
    public async Task The_state_as_it_was_at_a_version_can_be_read_beside_the_grains_own()
    {
        var till = Till("past");
        await till.Put(null, 1);
        await till.Put(null, 2);

        Assert.Equal(new TillAnswer(true, 1, 1), await till.ContentAt(1));
        Assert.Equal(new TillAnswer(true, 3, 2), await till.Content());
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => till.ContentAt(3));
    }

    [Fact]
    public async Task The_state_as_it_was_at_an_instant_can_be_read_beside_the_grains_own()
    {
        var till = Till("past-instant");
        await till.Put(null, 1);
        await till.Put(null, 2);
        var stored = await StoredAsync(new StreamName("shared-till", "past-instant"));

        Assert.Equal(new TillAnswer(true, 0, 0), await till.ContentAtInstant(stored[0].Timestamp.AddTicks(-1)));
        Assert.Equal(new TillAnswer(true, 3, 2), await till.ContentAtInstant(stored[1].Timestamp));
        Assert.Equal(new TillAnswer(true, 3, 2), await till.Content());
    }

    [Fact]
    public async Task A_decision_that_is_not_done_when_it_returns_is_refused()
    {
        var till = Till("later");
        var refusal = await Assert.ThrowsAsync<ArgumentException>(() => till.PutLater(5));
        Assert.Contains("synchronously", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_conditional_event_within_a_command_is_refused_with_the_command()
    {
        var till = Till("within");
        await Assert.ThrowsAsync<InvalidOperationException>(() => till.PutWithinCommand(5));
        Assert.Equal(new TillAnswer(true, 0, 0), await till.Content());
        Assert.Equal(new TillAnswer(true, 1, 1), await till.Put(null, 1));
    }

    // The grain interleaves: it answers while its commands wait.
    private static async Task DecidedAsync(ISharedTillGrain till, int decisions)
    {
        while (await till.Decisions() < decisions) Token.ThrowIfCancellationRequested();
    }

    private ValueTask<AppendResult> AppendElsewhereAsync(StreamName stream, string type, int amount) =>
        Store.CommitAsync(
            new Append(stream, ExpectedVersion.Any, AppendId.New(TimeProvider.System),
                [new NewEvent(Guid.CreateVersion7(TimeProvider.System.GetUtcNow()), type,
                    System.Text.Encoding.UTF8.GetBytes($$"""{"amount":{{amount}}}"""))]),
            TimeProvider.System.GetUtcNow(),
            Token);
}
