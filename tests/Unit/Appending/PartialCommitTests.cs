namespace Granary.Tests.Unit.Appending;

/// <summary>A store may take several transactions for a commit, and fail between them.</summary>
public sealed class PartialCommitTests
{
    [Fact]
    public async Task What_was_answered_before_the_store_failed_stands_and_only_the_rest_fails()
    {
        await using var harness = new AppenderHarness();
        var (answers, commit) = await SendThreeAsync(harness);
        commit.Answer(appends: 2);
        commit.Fail(new StoreUnavailableException("The connection is lost."));

        Assert.Equal(AppendOutcome.Appended, (await answers[0]).Outcome);
        Assert.Equal(AppendOutcome.Appended, (await answers[1]).Outcome);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => answers[2]);
    }

    [Fact]
    public async Task Where_one_append_is_at_fault_only_those_without_an_answer_are_committed_again()
    {
        await using var harness = new AppenderHarness();
        var (answers, commit) = await SendThreeAsync(harness);
        commit.Answer(appends: 1);
        commit.Fail(new ArgumentException("One of them is at fault."));
        Assert.Equal(AppendOutcome.Appended, (await answers[0]).Outcome);

        var again = await harness.Store.NextAsync();
        Assert.Equal(["b"], again.Keys);
        again.Fail(new ArgumentException("This one is."));
        await Assert.ThrowsAsync<ArgumentException>(() => answers[1]);

        var last = await harness.Store.NextAsync();
        Assert.Equal(["c"], last.Keys);
        last.Release();
        Assert.Equal(AppendOutcome.Appended, (await answers[2]).Outcome);
    }

    // They wait for a commit before them, so that one commit holds them.
    private static async Task<(Task<AppendResult>[] Answers, GateStore.Commit Commit)> SendThreeAsync(
        AppenderHarness harness)
    {
        var (first, occupied) = await harness.OccupyAsync();
        Task<AppendResult>[] answers = [harness.Send("a"), harness.Send("b"), harness.Send("c")];
        occupied.Release();
        await first;
        return (answers, await harness.Store.NextAsync());
    }
}
