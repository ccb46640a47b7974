using System.IO.Pipelines;
using System.Text;
using Granary.Gateway;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Time.Testing;

namespace Granary.Tests.Unit.Gateway;

/// <summary>Lines of a body that arrives in pieces, slowly, or never to its end.</summary>
public sealed class BodyLinesTests : IDisposable
{
    private static readonly TimeSpan IdleMax = TimeSpan.FromSeconds(60);

    // Inline: when a piece has arrived, the lines have read it and wait for the next one.
    private readonly Pipe _pipe = new(new PipeOptions(
        readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 0));

    private readonly FakeTimeProvider _time = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly BodyLines _lines;

    public BodyLinesTests()
    {
        var context = new DefaultHttpContext();
        context.Features.Set<IRequestBodyPipeFeature>(new PipeBody(_pipe.Reader));
        _lines = new BodyLines(context.Request, IdleMax, _time, _stopping.Token, Token);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _stopping.Dispose();

    [Theory]
    [InlineData("", "")]
    [InlineData("one", "1:one")]
    [InlineData("one\n", "1:one")]
    [InlineData("one\n\n\r\nfour", "1:one 2: 3:\r 4:four")]
    [InlineData("\n\n", "1: 2:")]
    public async Task Lines_end_with_a_line_feed_or_with_the_body(string body, string expected)
    {
        for (var size = 1; size <= 5; size++)
        {
            using var test = new BodyLinesTests();
            var all = test.AllAsync();
            foreach (var piece in body.Chunk(size)) await test.ArriveAsync(new string(piece));
            await test._pipe.Writer.CompleteAsync();
            Assert.Equal(expected, string.Join(' ', await all));
        }
    }

    [Fact]
    public async Task A_line_that_is_too_long_is_dropped_and_the_next_one_is_read()
    {
        var all = AllAsync();
        await ArriveAsync("first\n" + new string('x', RequestBody.SizeMax));
        await ArriveAsync("\n");
        await ArriveAsync(new string('y', RequestBody.SizeMax));
        await ArriveAsync("y");
        await ArriveAsync("\nlast");
        await _pipe.Writer.CompleteAsync();

        Assert.Equal(
            ["1:first", "2:" + new string('x', RequestBody.SizeMax), "3 is too long", "4:last"], await all);
    }

    [Fact]
    public async Task A_sender_that_is_silent_too_long_ends_the_lines_and_one_that_is_slow_does_not()
    {
        await using var lines = _lines.ReadAsync(Token).GetAsyncEnumerator(Token);
        var next = lines.MoveNextAsync();
        for (var part = 0; part < 3; part++)
        {
            _time.Advance(IdleMax - TimeSpan.FromTicks(1));
            Assert.False(next.IsCompleted);
            await ArriveAsync("slow");
        }

        await ArriveAsync("\n");
        Assert.True(await next);
        Assert.Equal("slowslowslow", Encoding.UTF8.GetString(lines.Current.Text!));
        next = lines.MoveNextAsync();
        _time.Advance(IdleMax);
        var problem = await Assert.ThrowsAsync<ApiProblem>(() => next.AsTask());
        Assert.Equal((408, "idle"), (problem.Status, problem.Code));
        Assert.Equal(2, _lines.Number);
    }

    [Fact]
    public async Task A_server_that_stops_ends_the_lines()
    {
        await using var lines = _lines.ReadAsync(Token).GetAsyncEnumerator(Token);
        await ArriveAsync("one\ntw");
        Assert.True(await lines.MoveNextAsync());
        var next = lines.MoveNextAsync();
        Assert.False(next.IsCompleted);
        await _stopping.CancelAsync();
        var problem = await Assert.ThrowsAsync<ApiProblem>(() => next.AsTask());
        Assert.Equal((503, "stopping"), (problem.Status, problem.Code));
    }

    [Fact]
    public async Task A_timer_that_fires_when_the_request_has_ended_does_not_touch_its_body()
    {
        var (reader, time) = (new EndedReader(_pipe.Reader), new LateTime());
        var context = new DefaultHttpContext();
        context.Features.Set<IRequestBodyPipeFeature>(new PipeBody(reader));
        var lines = new BodyLines(context.Request, IdleMax, time, CancellationToken.None, Token);
        await using (var line = lines.ReadAsync(Token).GetAsyncEnumerator(Token))
        {
            var next = line.MoveNextAsync();
            await _pipe.Writer.CompleteAsync();
            Assert.False(await next);
        }

        reader.HasEnded = true;
        Assert.NotNull(time.Fire);
        time.Fire();
    }

    private async Task<List<string>> AllAsync()
    {
        var all = new List<string>();
        await foreach (var (number, text) in _lines.ReadAsync(Token))
            all.Add(text is null ? $"{number} is too long" : $"{number}:{Encoding.UTF8.GetString(text)}");
        return all;
    }

    private async Task ArriveAsync(string text) => await _pipe.Writer.WriteAsync(Encoding.UTF8.GetBytes(text), Token);

    private sealed class PipeBody(PipeReader reader) : IRequestBodyPipeFeature
    {
        public PipeReader Reader => reader;
    }

    /// <summary>A body's reader as the server has it: it throws where it is used after its request.</summary>
    private sealed class EndedReader(PipeReader reader) : PipeReader
    {
        public bool HasEnded { get; set; }

        public override void CancelPendingRead()
        {
            ObjectDisposedException.ThrowIf(HasEnded, this);
            reader.CancelPendingRead();
        }

        public override void AdvanceTo(SequencePosition consumed) => reader.AdvanceTo(consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) =>
            reader.AdvanceTo(consumed, examined);

        public override void Complete(Exception? exception = null) => reader.Complete(exception);

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
            reader.ReadAsync(cancellationToken);

        public override bool TryRead(out ReadResult result) => reader.TryRead(out result);
    }

    /// <summary>A clock whose timer fires when the test says, also after it is disposed.</summary>
    private sealed class LateTime : TimeProvider
    {
        public Action? Fire { get; private set; }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Fire = () => callback(state);
            return System.CreateTimer(static _ => { }, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}
