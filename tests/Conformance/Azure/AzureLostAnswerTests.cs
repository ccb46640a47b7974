namespace Granary.Tests.Conformance.Azure;

/// <summary>A commit that gets no answer, or a wrong one, is found out: it lands once.</summary>
public sealed class AzureLostAnswerTests : AzureTest
{
    private static readonly StreamName Stream = new("order", "lost");

    [Theory]
    [InlineData("AnswerLost")]
    [InlineData("SentButFailed")]
    [InlineData("SentButBusy")]
    [InlineData("Busy")]
    [InlineData("Failed")]
    [InlineData("HeldBack")]
    public async Task A_commit_lands_once_whatever_becomes_of_its_request(string fate)
    {
        var requests = new Requests();
        var store = await OpenAsync(requests);
        await CommitAsync(store, Append(Stream, ExpectedVersion.NoStream, "a"));
        requests.FateOf = number => number == 2 ? Enum.Parse<Fate>(fate) : Fate.Sent;

        var answer = await CommitAsync(store, Append(Stream, ExpectedVersion.Exactly(new(1)), "b", "c"));
        var next = await CommitAsync(store, Append(Stream, ExpectedVersion.Exactly(new(3)), "d"));
        foreach (var late in await requests.ReleaseAsync()) Assert.Contains("412", late, StringComparison.Ordinal);

        Assert.Equal((AppendOutcome.Appended, new StreamVersion(3)), (answer.Outcome, answer.Version));
        Assert.Equal((AppendOutcome.Appended, new StreamVersion(4)), (next.Outcome, next.Version));
        Assert.Equal(["a", "b", "c", "d"], await LogAsync(store, store.PartitionOf(Stream)));
    }

    [Fact]
    public async Task What_is_held_back_does_not_land_after_the_commit_has_failed()
    {
        var requests = new Requests { FateOf = static number => number == 1 ? Fate.HeldBack : Fate.Sent };
        var store = await OpenAsync(requests, retryBudgetMs: 1);
        await Assert.ThrowsAsync<StoreUnavailableException>(
            () => CommitAsync(store, Append(Stream, ExpectedVersion.NoStream, "late")));

        var late = Assert.Single(await requests.ReleaseAsync());

        Assert.Contains("412", late, StringComparison.Ordinal);
        Assert.Empty(await LogAsync(store, store.PartitionOf(Stream)));
    }

    // The second answer ends the commit, or is none of the service's: the first request is still on its way.
    [Theory]
    [InlineData("Forbidden")]
    [InlineData("Refused")]
    public async Task What_is_held_back_lands_once_or_never_whatever_is_answered_next(string fate)
    {
        var requests = new Requests();
        var store = await OpenAsync(requests);
        requests.FateOf = number => number switch { 1 => Fate.HeldBack, 2 => Enum.Parse<Fate>(fate), _ => Fate.Sent };
        var large = new string('l', 300_000);
        var isRefused = false;
        try
        {
            await CommitAsync(store, Append(Stream, ExpectedVersion.NoStream, large));
        }
        catch (StoreReadOnlyException)
        {
            isRefused = true;
        }

        Assert.Contains("412", Assert.Single(await requests.ReleaseAsync()), StringComparison.Ordinal);
        Assert.Equal(fate == "Forbidden", isRefused);
        Assert.Equal(isRefused ? [] : [large], await LogAsync(store, store.PartitionOf(Stream)));
    }

    [Fact]
    public async Task A_service_that_stays_busy_fails_the_commit_and_the_next_one_continues()
    {
        var requests = new Requests { FateOf = static _ => Fate.Busy };
        var store = await OpenAsync(requests, retryBudgetMs: 2_000);
        await Assert.ThrowsAsync<StoreUnavailableException>(
            () => CommitAsync(store, Append(Stream, ExpectedVersion.NoStream, "never")));
        Assert.InRange(requests.Transactions, 2, 10);

        requests.FateOf = static _ => Fate.Sent;
        await CommitAsync(store, Append(Stream, ExpectedVersion.NoStream, "a"));
        Assert.Equal(["a"], await LogAsync(store, store.PartitionOf(Stream)));
    }

    [Fact]
    public async Task Two_processes_lose_and_double_nothing_whatever_becomes_of_their_requests()
    {
        const int commits = 60;
        var seed = Environment.TickCount;
        TestContext.Current.SendDiagnosticMessage("Seed {0}", seed);
        async Task<List<string>> WriteAsync(int process)
        {
            var random = new Random(seed + process);
            var requests = new Requests();
            var store = await OpenAsync(requests, retryBudgetMs: 60_000);
            requests.FateOf = _ => random.Next(3) == 0 ? (Fate)random.Next(1, 7) : Fate.Sent;
            var written = new List<string>();
            for (var at = 0; at < commits; at++)
            {
                var text = $"{process}-{at}";
                var append = Append(Stream, ExpectedVersion.Any, text);
                var answer = await CommitAsync(store, append);
                Assert.Equal(AppendOutcome.Appended, answer.Outcome);
                written.Add(text);
                if (random.Next(4) == 0) await requests.ReleaseAsync();
            }

            return written;
        }

        var first = await OpenAsync();
        var written = await Task.WhenAll(Task.Run(() => WriteAsync(1), Token), Task.Run(() => WriteAsync(2), Token));

        var log = await LogAsync(first, first.PartitionOf(Stream));
        Assert.Equal(2 * commits, log.Length);
        foreach (var one in written) Assert.Equal(one, log.Where(one.Contains));
    }
}
