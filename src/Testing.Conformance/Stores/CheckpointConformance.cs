namespace Granary.Testing.Conformance.Stores;

/// <summary>A checkpoint is moved by its owner alone, from where it stands.</summary>
public abstract class CheckpointConformance<TStore> : StoreConformance<TStore>
    where TStore : TestStore, new()
{
    [Fact]
    public async Task A_checkpoint_that_was_never_moved_is_none_and_stands_at_the_start()
    {
        Assert.Null(await ReadAsync("new"));
        Assert.False(await AdvanceAsync("new", from: 1, to: 2));
        Assert.Null(await ReadAsync("new"));

        Assert.True(await AdvanceAsync("new", from: 0, to: 2));
        Assert.Equal(new Checkpoint("new", default, new(2), 0), await ReadAsync("new"));
    }

    [Fact]
    public async Task It_is_moved_from_where_it_stands_and_only_from_there()
    {
        await AdvanceAsync("moved", from: 0, to: 5);

        Assert.False(await AdvanceAsync("moved", from: 0, to: 6));
        Assert.False(await AdvanceAsync("moved", from: 4, to: 6));
        Assert.False(await AdvanceAsync("moved", from: 6, to: 7));
        Assert.Equal(5, (await ReadAsync("moved"))?.Position.Value);
        Assert.True(await AdvanceAsync("moved", from: 5, to: long.MaxValue));
        Assert.Equal(long.MaxValue, (await ReadAsync("moved"))?.Position.Value);
    }

    [Fact]
    public async Task A_later_epoch_takes_it_over_and_the_earlier_one_moves_it_no_more()
    {
        await AdvanceAsync("owned", from: 0, to: 5, epoch: 1);
        Assert.True(await AdvanceAsync("owned", from: 5, to: 5, epoch: 2));

        Assert.False(await AdvanceAsync("owned", from: 5, to: 6, epoch: 1));
        Assert.Equal(new Checkpoint("owned", default, new(5), 2), await ReadAsync("owned"));
        Assert.True(await AdvanceAsync("owned", from: 5, to: 6, epoch: 2));
        Assert.Equal(new Checkpoint("owned", default, new(6), 2), await ReadAsync("owned"));
    }

    [Fact]
    public async Task A_move_is_true_again_where_its_answer_was_lost()
    {
        await AdvanceAsync("lost", from: 0, to: 5, epoch: 3);

        Assert.True(await AdvanceAsync("lost", from: 0, to: 5, epoch: 3));
        Assert.False(await AdvanceAsync("lost", from: 0, to: 5, epoch: 2));
        Assert.False(await AdvanceAsync("lost", from: 0, to: 5, epoch: 4));
    }

    [Fact]
    public async Task Names_that_look_alike_and_partitions_have_checkpoints_of_their_own()
    {
        var longest = new string('n', GranaryLimits.CheckpointNameLengthMax - 1);
        string[] names = ["a", "A", "a ", "a\0", "a\0b", "ä", "a\u0308", "%", longest + "1", longest + "2"];
        for (var at = 0; at < names.Length; at++) Assert.True(await AdvanceAsync(names[at], from: 0, to: at + 1));
        var last = new LogPartition(Data.Partitions - 1);
        var other = new CheckpointAdvance("a", new(last.Value + 1), default, new(99), 0);
        Assert.True(await Checkpoints.AdvanceAsync(other, Token));

        for (var at = 0; at < names.Length; at++)
            Assert.Equal(new Checkpoint(names[at], default, new(at + 1), 0), await ReadAsync(names[at]));
    }

    [Fact]
    public async Task Of_several_moves_at_once_from_one_position_one_is_made()
    {
        ICheckpointStore[] stores = [Checkpoints, (await Data.OpenAsync()).Checkpoints];
        for (var round = 0; round < 20; round++)
        {
            var from = (await ReadAsync("raced"))?.Position ?? GlobalPosition.Zero;
            var moves = Enumerable.Range(1, 4).Select(step => Task.Run(
                async () => await stores[step % 2].AdvanceAsync(
                    new CheckpointAdvance("raced", default, from, from.Plus(step), 7), Token), Token));
            var made = await Task.WhenAll(moves);

            var step = Assert.Single(Enumerable.Range(1, 4), step => made[step - 1]);
            Assert.Equal(from.Plus(step), (await ReadAsync("raced"))?.Position);
        }
    }

    [Theory]
    [InlineData("crashed")]
    [InlineData("closed")]
    public async Task It_is_there_when_the_store_is_opened_again(string end)
    {
        await AdvanceAsync("kept", from: 0, to: 5, epoch: 2);

        Use(end == "closed" ? await Data.ReopenAsync() : await Data.OpenAsync());

        Assert.Equal(new Checkpoint("kept", default, new(5), 2), await ReadAsync("kept"));
    }

    [Fact]
    public async Task All_of_them_are_read_together()
    {
        Assert.Empty(await Checkpoints.ReadAllAsync(Token));
        await AdvanceAsync("a", from: 0, to: 5, epoch: 2);
        await AdvanceAsync("b\0", from: 0, to: 7);
        var elsewhere = new CheckpointAdvance("a", new(1), default, new(9), 1);
        await (await Data.OpenAsync()).Checkpoints.AdvanceAsync(elsewhere, Token);

        Checkpoint[] all = [new("a", default, new(5), 2), new("a", new(1), new(9), 1), new("b\0", default, new(7), 0)];
        Assert.Equal(
            all, (await Checkpoints.ReadAllAsync(Token)).OrderBy(static one => (one.Name, one.Partition.Value)));
    }

    [Fact]
    public async Task One_that_is_deleted_stands_at_the_start_in_every_partition_and_no_other_is_touched()
    {
        string[] names = ["gone", "GONE", "gone ", "kept"];
        foreach (var name in names)
        {
            await AdvanceAsync(name, from: 0, to: 5, epoch: 2);
            await Checkpoints.AdvanceAsync(new CheckpointAdvance(name, new(1), default, new(9), 1), Token);
        }

        await Checkpoints.DeleteAsync("gone", Token);
        await Checkpoints.DeleteAsync("absent", Token);

        Use(await Data.OpenAsync());
        Assert.Equal(
            names[1..].SelectMany(static name => new[] { (name, 0), (name, 1) }).Order(),
            (await Checkpoints.ReadAllAsync(Token)).Select(static one => (one.Name, one.Partition.Value)).Order());
        Assert.Null(await ReadAsync("gone"));
        Assert.True(await AdvanceAsync("gone", from: 0, to: 1, epoch: 0));
    }

    [Fact]
    public async Task A_call_that_is_cancelled_moves_nothing()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        var advance = new CheckpointAdvance("cancelled", default, default, new(1), 0);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await Checkpoints.AdvanceAsync(advance, cancelled.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await Checkpoints.ReadAsync("cancelled", default, cancelled.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await Checkpoints.ReadAllAsync(cancelled.Token));
        await AdvanceAsync("kept", from: 0, to: 1);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await Checkpoints.DeleteAsync("kept", cancelled.Token));

        Assert.Null(await ReadAsync("cancelled"));
        Assert.NotNull(await ReadAsync("kept"));
    }

    private async Task<Checkpoint?> ReadAsync(string name) => await Checkpoints.ReadAsync(name, default, Token);

    private async Task<bool> AdvanceAsync(string name, long from, long to, long epoch = 0) =>
        await Checkpoints.AdvanceAsync(new CheckpointAdvance(name, default, new(from), new(to), epoch), Token);
}
