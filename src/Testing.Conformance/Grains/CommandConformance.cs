namespace Granary.Testing.Conformance.Grains;

public abstract class CommandConformance<TStore> : GrainConformance<TStore>
    where TStore : TestStore, new()
{
    private ITillGrain Till(string key) => Cluster.Client.GetGrain<ITillGrain>(key);

    [Fact]
    public async Task A_command_sent_twice_has_one_effect_and_one_answer_also_after_a_restart()
    {
        var till = Till("twice");
        var first = await till.Put("a", 5);
        await till.Put("b", 7);

        Assert.Equal(first, await till.Put("a", 5));
        await till.Leave();
        Assert.Equal(first, await till.Put("a", 5));
        Assert.Equal(new TillAnswer(true, 12, 2), await till.Content());
    }

    [Fact]
    public async Task A_command_is_kept_across_a_snapshot()
    {
        var till = Till("snapshot");
        var first = await till.Put("a", 5);
        for (var at = 0; at < 1_200; at++) await till.Put(null, 1);
        await till.Leave();

        Assert.Equal(first, await till.Put("a", 5));
        Assert.Equal(1_205, (await till.Content()).Content);
    }

    [Fact]
    public async Task A_refusal_is_an_answer_too_and_stays_the_same()
    {
        var till = Till("refusal");
        var refusal = await till.Take("t", 5);
        Assert.False(refusal.Accepted);
        await till.Put(null, 50);

        Assert.Equal(refusal, await till.Take("t", 5));
        await till.Leave();
        Assert.Equal(refusal, await till.Take("t", 5));
        Assert.Equal(50, (await till.Content()).Content);
    }

    [Fact]
    public async Task A_command_id_used_for_another_command_is_refused()
    {
        var till = Till("reused");
        await till.Put("a", 5);

        var refusal = await Assert.ThrowsAsync<CommandIdReusedException>(() => till.Put("a", 6));
        Assert.Equal("a", refusal.CommandId);
        Assert.Equal(5, (await till.Content()).Content);
    }

    [Fact]
    public async Task A_command_that_lost_the_race_is_decided_on_the_new_state()
    {
        var other = (await StartClusterAsync()).Client.GetGrain<ITillGrain>("contended");
        var here = Till("contended");
        await here.Put(null, 10);
        Assert.True((await other.Take(null, 10)).Accepted);

        Assert.False((await here.Take(null, 10)).Accepted);
        Assert.Equal(0, (await here.Content()).Content);
    }

    [Fact]
    public async Task Clearing_removes_the_commands_with_the_events()
    {
        var till = Till("cleared");
        await till.Put("a", 5);
        await till.Clear();

        Assert.Equal(new TillAnswer(true, 5, 1), await till.Put("a", 5));
        await till.Leave();
        Assert.Equal(5, (await till.Content()).Content);
    }
}
