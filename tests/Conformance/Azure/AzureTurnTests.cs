namespace Granary.Tests.Conformance.Azure;

/// <summary>What needs several requests gets its turn beside a writer that needs one.</summary>
public sealed class AzureTurnTests : AzureTest
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_truncation_a_scrub_and_an_epoch_end_beside_a_writer_that_never_rests(bool isSameProcess)
    {
        var writer = await OpenAsync();
        var other = isSameProcess ? writer : await OpenAsync(retryBudgetMs: 8_000);
        var streams = StreamsIn(writer, new(0), 2);
        var answer = await CommitAsync(writer, Append(streams[1], ExpectedVersion.Any, "a", "b", "c"));
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var writing = Task.Run(
            async () =>
            {
                var written = 0;
                for (; !enough.IsCancellationRequested; written++)
                    await CommitAsync(writer, Append(streams[0], ExpectedVersion.Any, "x"));
                return written;
            },
            Token);

        var third = answer.Position with { Position = new(answer.Position.Position.Value) };
        Assert.True(await other.TruncateAsync(new(streams[1], new(3), third, null), Token));
        while (await other.ScrubAsync(10, Token))
        {
            // It has more.
        }

        var epoch = await other.BeginEpochAsync(new(0), Token);
        await enough.CancelAsync();
        Assert.InRange(await writing, 1, int.MaxValue);
        Assert.Equal(epoch, await writer.ReadEpochAsync(new(0), Token));
        Assert.Equal(0, (await writer.Account.ReadTailAsync(new(0), Token)).Removals);
    }

    [Fact]
    public async Task A_truncation_whose_caller_gives_up_when_it_was_sent_is_answered_as_it_is()
    {
        using var givesUp = new CancellationTokenSource();
        var requests = new Requests();
        var store = await OpenAsync(requests);
        var stream = StreamsIn(store, new(0), 1)[0];
        var answer = await CommitAsync(store, Append(stream, ExpectedVersion.Any, "a", "b"));
        requests.OnSent = _ => givesUp.CancelAsync();

        Assert.True(await store.TruncateAsync(new(stream, new(2), answer.Position, null), givesUp.Token));
        Assert.Equal(["", "b"], await LogAsync(store, new(0)));
    }
}
