namespace Granary.Testing.Conformance.Stores;

/// <summary>Who waits for the log to grow is woken, by whichever process it grows.</summary>
public abstract class LogTailConformance<TStore> : StoreConformance<TStore>
    where TStore : TestStore, new()
{
    /// <summary>
    /// What ends a test whose wait never completes; one that passes waits no longer than the store needs to notice.
    /// </summary>
    protected virtual TimeSpan Patience => TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_wait_completes_where_the_partition_has_grown_before()
    {
        var stream = Stream("before");
        await AppendAsync(stream, "1", "2");

        Assert.Equal(2, (await WaitAsync(Tail, stream, after: 1)).Value);
    }

    [Fact]
    public async Task A_wait_completes_where_another_process_has_made_it_grow_before()
    {
        var stream = Stream("elsewhere");
        await AppendAsync(stream, "1", "2");

        Assert.Equal(2, (await WaitAsync((await Data.OpenAsync()).Tail, stream, after: 0)).Value);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_wait_completes_when_an_append_is_committed(bool elsewhere)
    {
        var stream = Stream("grown");
        await AppendAsync(stream, "1");
        var waiting = elsewhere ? (await Data.OpenAsync()).Tail : Tail;
        var grown = FollowAsync(waiting, stream, after: 1);

        await AppendAsync(stream, "2");

        Assert.Equal(2, await grown);
    }

    [Fact]
    public async Task Who_waits_and_reads_in_turns_reads_everything_that_another_process_commits()
    {
        const int count = 100;
        var stream = Stream("followed");
        var other = await Data.OpenAsync();
        var writing = Task.Run(
            async () =>
            {
                for (var at = 0; at < count; at++)
                    await other.Events.CommitAsync(Append(stream, ExpectedVersion.Any, "{}"), Noon, Token);
            },
            Token);

        var after = At(stream, 0);
        while (after.Position.Value < count)
        {
            await WaitAsync(Tail, stream, after.Position.Value);
            var page = await Events.ReadLogAsync(after, LogFilter.All, 10, Token);
            after = after with { Position = page.Through };
        }

        await writing;
        Assert.Equal(count, (await LogOfAsync(stream)).Count);
    }

    [Fact]
    public async Task A_wait_that_is_cancelled_ends()
    {
        var stream = Stream("cancelled");
        await AppendAsync(stream, "1");
        using var source = new CancellationTokenSource();
        var wait = Tail.WaitAsync(At(stream, 1), source.Token).AsTask();
        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait.WaitAsync(Patience, Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Tail.WaitAsync(At(stream, 0), source.Token).AsTask().WaitAsync(Patience, Token));
    }

    [Fact]
    public async Task A_wait_in_a_partition_that_does_not_exist_is_refused() =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => Tail.WaitAsync(new(new(Data.Partitions), default), Token).AsTask().WaitAsync(Patience, Token));

    // A wait may complete without cause: then it is begun again.
    private async Task<long> FollowAsync(ILogTail tail, StreamName stream, long after)
    {
        var end = after;
        while (end == after) end = (await WaitAsync(tail, stream, after)).Value;
        return end;
    }

    private Task<GlobalPosition> WaitAsync(ILogTail tail, StreamName stream, long after) =>
        tail.WaitAsync(At(stream, after), Token).AsTask().WaitAsync(Patience, Token);
}
