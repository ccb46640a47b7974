using System.IO.Pipelines;
using Granary.Gateway;
using Microsoft.Extensions.Time.Testing;

namespace Granary.Tests.Unit.Gateway;

/// <summary>Answers line by line to a reader that is slow, or does not read.</summary>
public sealed class AnswerLinesTests : IDisposable
{
    private static readonly TimeSpan UnreadMax = TimeSpan.FromSeconds(60);

    private readonly Pipe _pipe = new(new PipeOptions(
        readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline,
        pauseWriterThreshold: 1, resumeWriterThreshold: 1));

    private readonly FakeTimeProvider _time = new();
    private readonly AnswerLines _lines;
    private int _cuts;

    public AnswerLinesTests() => _lines = new AnswerLines(_pipe.Writer, UnreadMax, _time, () => _cuts++);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _lines.Dispose();

    [Fact]
    public async Task A_reader_that_takes_nothing_too_long_is_cut_off()
    {
        await _lines.WriteAsync(new AppendLineResponse(1, "a", 201), Token);
        var sending = _lines.FlushAsync(Token);
        _time.Advance(UnreadMax - TimeSpan.FromTicks(1));
        Assert.Equal((false, 0), (sending.IsCompleted, _cuts));
        _time.Advance(TimeSpan.FromTicks(1));
        await Assert.ThrowsAsync<TimeoutException>(() => sending);
        Assert.Equal(1, _cuts);
    }

    [Fact]
    public async Task A_reader_that_is_slow_is_waited_for()
    {
        for (var line = 1; line <= 3; line++)
        {
            await _lines.WriteAsync(new AppendLineResponse(line, "a", 201), Token);
            var sending = _lines.FlushAsync(Token);
            _time.Advance(UnreadMax - TimeSpan.FromTicks(1));
            Assert.False(sending.IsCompleted);
            var read = await _pipe.Reader.ReadAsync(Token);
            _pipe.Reader.AdvanceTo(read.Buffer.End);
            await sending;
        }

        Assert.Equal(0, _cuts);
    }
}
