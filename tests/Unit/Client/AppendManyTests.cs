using System.Threading.Channels;
using Granary.Client;
using Granary.Contracts;

namespace Granary.Tests.Unit.Client;

/// <summary>Many appends without waiting for each: their order, their bounds, and their errors.</summary>
public sealed class AppendManyTests
{
    private readonly HeldClient _client = new();
    private readonly Channel<TaggedAppend<int>> _source = Channel.CreateUnbounded<TaggedAppend<int>>();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Appends_to_one_stream_are_sent_one_after_the_other_and_others_at_the_same_time()
    {
        Give((1, "a"), (2, "a"), (3, "b"));
        _source.Writer.Complete();
        await using var answers = Answers();
        var next = answers.MoveNextAsync();
        var (first, other) = (await _client.NextAsync(), await _client.NextAsync());
        Assert.Equal(("1", "3"), (first.Type, other.Type));
        Assert.Equal(0, _client.Unseen);

        other.Answer(1);
        Assert.True(await next);
        Assert.Equal((3, 1), (answers.Current.Tag, answers.Current.Answer!.Version.Value));
        first.Answer(1);
        var second = await _client.NextAsync();
        Assert.Equal("2", second.Type);
        Assert.Equal(1, (await NextAsync(answers)).Tag);
        second.Answer(2);
        Assert.Equal(2, (await NextAsync(answers)).Tag);
        Assert.False(await answers.MoveNextAsync());
    }

    [Fact]
    public async Task The_source_is_not_read_beyond_what_may_be_in_flight_until_answers_are_read()
    {
        Give((1, "a"), (2, "b"), (3, "c"), (4, "d"), (5, "e"));
        await using var answers = Answers(inFlightMax: 2);
        var next = answers.MoveNextAsync();
        var (one, two) = (await _client.NextAsync(), await _client.NextAsync());

        // The third was read, and waits; the others were not.
        Assert.Equal((0, 2), (_client.Unseen, _source.Reader.Count));
        one.Answer(1);
        two.Answer(1);
        Assert.True(await next);
        var three = await _client.NextAsync();
        Assert.Equal("3", three.Type);
        await NextAsync(answers);
        var four = await _client.NextAsync();
        Assert.Equal("4", four.Type);
        three.Answer(1);
        Assert.Equal(3, (await NextAsync(answers)).Tag);
        four.Answer(1);
        (await _client.NextAsync()).Answer(1);
    }

    [Theory]
    [InlineData(5, 4)]
    [InlineData(9, 1)]
    public async Task Content_in_flight_is_bounded_and_what_is_larger_goes_alone(int firstSize, int secondSize)
    {
        const int mebibyte = 1024 * 1024;
        Give((1, "a", firstSize * mebibyte), (2, "b", secondSize * mebibyte), (3, "c", 1));
        await using var answers = Answers();
        var next = answers.MoveNextAsync();
        var first = await _client.NextAsync();

        // The second was read, and waits.
        Assert.Equal((0, 1), (_client.Unseen, _source.Reader.Count));
        first.Answer(1);
        Assert.True(await next);
        var (second, third) = (await _client.NextAsync(), await _client.NextAsync());
        Assert.Equal(("2", "3"), (second.Type, third.Type));
        second.Answer(1);
        third.Answer(1);
    }

    [Theory]
    [InlineData("events")]
    [InlineData("metadata")]
    [InlineData("types")]
    public async Task Whatever_an_append_holds_counts_as_in_flight(string what)
    {
        const int mebibyte = 1024 * 1024;
        var large = what switch
        {
            "events" => Enumerable.Repeat(new StreamEvent("1", null), mebibyte / 10).ToArray(),
            "metadata" => [new("1", null, null, new Dictionary<string, string> { ["k"] = new('m', 5 * mebibyte) })],
            _ => [new(new string('t', 5 * mebibyte), null)],
        };
        Assert.True(_source.Writer.TryWrite(new(1, new("things", "a"), new StreamAppend(large))));
        Give((2, "b"), (3, "c"));
        await using var answers = Answers();
        var next = answers.MoveNextAsync();
        var first = await _client.NextAsync();

        // The second was read, and waits.
        Assert.Equal((0, 1), (_client.Unseen, _source.Reader.Count));
        first.Answer(1);
        Assert.True(await next);
        (await _client.NextAsync()).Answer(1);
        (await _client.NextAsync()).Answer(1);
    }

    [Fact]
    public async Task Who_ends_early_sends_nothing_more_of_a_source_that_goes_on()
    {
        using var ending = new CancellationTokenSource();
        var after = new TaskCompletionSource();
        var answers = _client.AppendManyAsync(TwoAsync(), cancellationToken: ending.Token).GetAsyncEnumerator(Token);
        var next = answers.MoveNextAsync();
        (await _client.NextAsync()).Answer(1);
        Assert.True(await next);
        await ending.CancelAsync();
        after.SetResult();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answers.MoveNextAsync().AsTask());
        await answers.DisposeAsync();
        Assert.Equal(0, _client.Unseen);

        async IAsyncEnumerable<TaggedAppend<int>> TwoAsync()
        {
            yield return new(1, new("things", "a"), new StreamAppend([new("1", null)]));
            await after.Task;
            yield return new(2, new("things", "b"), new StreamAppend([new("2", null)]));
        }
    }

    [Fact]
    public async Task An_error_is_the_answer_to_its_own_append_and_the_next_one_is_sent()
    {
        Give((1, "a"), (2, "a"));
        _source.Writer.Complete();
        await using var answers = Answers();
        var next = answers.MoveNextAsync();
        var error = new StoreUnavailableException("away");
        (await _client.NextAsync()).Fail(error);
        Assert.True(await next);
        Assert.Equal((1, null, error), (answers.Current.Tag, answers.Current.Answer, answers.Current.Error));
        (await _client.NextAsync()).Answer(1);
        Assert.Null((await NextAsync(answers)).Error);
        Assert.False(await answers.MoveNextAsync());
    }

    [Fact]
    public async Task What_the_source_throws_is_thrown_after_all_answers()
    {
        Give((1, "a"), (2, "a"));
        var error = new IOException("cut");
        _source.Writer.Complete(error);
        await using var answers = Answers();
        var next = answers.MoveNextAsync();
        (await _client.NextAsync()).Answer(1);
        Assert.True(await next);
        next = answers.MoveNextAsync();
        (await _client.NextAsync()).Answer(2);
        Assert.True(await next);
        Assert.Same(error, await Assert.ThrowsAsync<IOException>(() => answers.MoveNextAsync().AsTask()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_ends_early_waits_for_what_is_in_flight_and_the_rest_is_not_sent(bool cancels)
    {
        using var cancelling = new CancellationTokenSource();
        Give((1, "a"), (2, "a"), (3, "b"));
        var answers = _client.AppendManyAsync(Source(), cancellationToken: cancelling.Token).GetAsyncEnumerator(Token);
        var next = answers.MoveNextAsync();
        var (first, other) = (await _client.NextAsync(), await _client.NextAsync());
        other.Answer(1);
        Assert.True(await next);

        Task ended;
        if (cancels)
        {
            ended = answers.MoveNextAsync().AsTask();
            await cancelling.CancelAsync();
        }
        else
        {
            ended = answers.DisposeAsync().AsTask();
        }

        Assert.False(ended.IsCompleted);
        first.Answer(1);
        if (cancels) await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ended);
        else await ended;
        Assert.Equal(0, _client.Unseen);
        await answers.DisposeAsync();
    }

    private void Give(params (int Tag, string Key)[] appends) =>
        Give([.. appends.Select(static one => (one.Tag, one.Key, 0))]);

    private void Give(params (int Tag, string Key, int Size)[] appends)
    {
        foreach (var (tag, key, size) in appends)
        {
            var @event = new StreamEvent($"{tag}", new byte[size]);
            Assert.True(_source.Writer.TryWrite(new(tag, new("things", key), new StreamAppend([@event]))));
        }
    }

    private IAsyncEnumerator<TaggedAnswer<int>> Answers(int inFlightMax = 256) =>
        _client.AppendManyAsync(Source(), inFlightMax, Token).GetAsyncEnumerator(Token);

    private IAsyncEnumerable<TaggedAppend<int>> Source() => _source.Reader.ReadAllAsync(CancellationToken.None);

    private static async Task<TaggedAnswer<int>> NextAsync(IAsyncEnumerator<TaggedAnswer<int>> answers)
    {
        Assert.True(await answers.MoveNextAsync());
        return answers.Current;
    }
}
