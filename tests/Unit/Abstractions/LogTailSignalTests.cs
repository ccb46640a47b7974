namespace Granary.Tests.Unit.Abstractions;

public sealed class LogTailSignalTests
{
    private readonly LogTailSignal _signal = new(2);

    [Fact]
    public async Task A_wait_is_for_its_own_partition_and_beyond_its_position()
    {
        _signal.Grow(At(1, 3));
        var wait = WaitAsync(partition: 1, after: 3);

        _signal.Grow(At(0, 9));
        Assert.False(wait.IsCompleted);
        _signal.Grow(At(1, 4));

        Assert.Equal(4, (await wait).Value);
    }

    [Fact]
    public async Task What_is_known_already_is_not_waited_for()
    {
        _signal.Grow(At(0, 9));
        _signal.Grow(At(0, 5));

        var wait = WaitAsync(partition: 0, after: 8);

        Assert.True(wait.IsCompletedSuccessfully);
        Assert.Equal(9, (await wait).Value);
    }

    [Fact]
    public async Task All_waits_of_a_partition_are_completed_and_those_that_follow_wait_anew()
    {
        Task<GlobalPosition>[] waits = [WaitAsync(0, 0), WaitAsync(0, 0), WaitAsync(1, 0)];
        _signal.WakeAll();
        foreach (var end in await Task.WhenAll(waits)) Assert.Equal(0, end.Value);

        Assert.False(WaitAsync(0, 0).IsCompleted);
    }

    [Fact]
    public async Task A_wait_that_is_cancelled_leaves_the_others()
    {
        using var source = new CancellationTokenSource();
        var (cancelled, other) = (_signal.WaitAsync(At(0, 0), source.Token).AsTask(), WaitAsync(0, 0));
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);

        _signal.Grow(At(0, 1));
        Assert.Equal(1, (await other).Value);
    }

    private static LogPosition At(int partition, long position) => new(new(partition), new(position));

    private Task<GlobalPosition> WaitAsync(int partition, long after) =>
        _signal.WaitAsync(At(partition, after), TestContext.Current.CancellationToken).AsTask();
}
