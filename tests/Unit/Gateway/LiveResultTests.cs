using System.IO.Pipelines;
using System.Text;
using System.Threading.Channels;
using Granary.Gateway;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Granary.Tests.Unit.Gateway;

/// <summary>
/// How live events are sent: their form, heartbeats, and what becomes of a reader that does not read.
/// </summary>
public sealed class LiveResultTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Pipe _body = new(new PipeOptions(pauseWriterThreshold: 100_000, resumeWriterThreshold: 50_000));
    private readonly FakeTimeProvider _time = new();
    private readonly Application _application = new();
    private readonly Connection _connection = new();
    private readonly Feed _feed = new();
    private readonly LiveReaders _live = new(Options.Create(new GranaryGatewayOptions { LiveReadersMax = 1 }));
    private string _text = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_begins_with_the_id_from_which_to_resume_and_sends_each_event_as_it_comes()
    {
        var (sending, context) = Begin();
        await ReadAsync("retry: 2000\nid: 0:7\n\n");
        _feed.Add(8, "{\"n\":1}");
        await ReadAsync("\"data\":{\"n\":1},\"metadata\":{}}\n\n");
        Assert.Contains("\n\nid: 0:8\ndata: {\"stream\":\"orders/1\",\"version\":8", _text, StringComparison.Ordinal);
        Assert.DoesNotContain("event:", _text, StringComparison.Ordinal);
        Assert.Equal("text/event-stream", context.Response.ContentType);
        Assert.Equal("identity", context.Response.Headers.ContentEncoding);
        await LeaveAsync(sending);
    }

    [Theory]
    [InlineData("{\n\"n\": 1 }", "{\ndata: \"n\": 1 }")]
    [InlineData("{\r\n\"n\":\r1}", "{\ndata: \"n\":\ndata: 1}")]
    public async Task JSON_of_several_lines_stays_one_event(string payload, string sent)
    {
        var (sending, _) = Begin();
        _feed.Add(8, payload);
        await ReadAsync("\"data\":" + sent + ",\"metadata\":{}}\n\n");
        await LeaveAsync(sending);
    }

    [Fact]
    public async Task A_reader_without_events_is_sent_a_comment_every_15_seconds_and_an_id_where_it_is_further()
    {
        var (sending, _) = Begin();
        await ReadAsync("retry: 2000\nid: 0:7\n\n");
        _time.Advance(TimeSpan.FromSeconds(14));
        Assert.Empty(Take());
        _time.Advance(TimeSpan.FromSeconds(1));
        await ReadAsync(":\n\n");
        _feed.Position = 500;
        _time.Advance(TimeSpan.FromSeconds(15));
        await ReadAsync(":\nid: 0:500\n\n");
        _feed.Add(501, "{}");
        await ReadAsync("id: 0:501\ndata: ");
        await LeaveAsync(sending);
    }

    [Fact]
    public async Task What_the_reader_does_not_read_is_not_read_from_the_log()
    {
        for (var at = 8; at < 108; at++) _feed.Add(at, $"\"{new string('x', 40_000)}\"");
        var (sending, _) = Begin();
        Assert.InRange(_feed.Given, 1, 4);
        await LeaveAsync(sending);
    }

    [Fact]
    public async Task A_reader_that_takes_nothing_is_cut_and_its_place_is_free()
    {
        for (var at = 8; at < 108; at++) _feed.Add(at, $"\"{new string('x', 40_000)}\"");
        var (sending, _) = Begin();
        _time.Advance(TimeSpan.FromMilliseconds(29_999));
        Assert.Throws<ApiProblem>(_live.Enter);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await _feed.Ended.WaitAsync(Patience, Token);
        Assert.False(_connection.IsAborted);
        _time.Advance(LiveResult.EndMax);
        await sending.WaitAsync(Patience, Token);
        Assert.True(_connection.IsAborted);
        _live.Enter().Dispose();
    }

    [Fact]
    public async Task A_cut_reader_that_reads_again_is_told_from_where_to_resume()
    {
        for (var at = 8; at < 108; at++) _feed.Add(at, $"\"{new string('x', 40_000)}\"");
        var (sending, _) = Begin();
        _time.Advance(TimeSpan.FromSeconds(30));
        await _feed.Ended.WaitAsync(Patience, Token);
        await ReadAsync("}\n\nevent: granary.end\n");
        await sending.WaitAsync(Patience, Token);
        await ReadAsync("\n\n");
        var last = 7 + _feed.Given;
        Assert.EndsWith(
            $"id: 0:{last}\ndata: {{\"reason\":\"slow-reader\",\"detail\":\"What was sent was not read. Connect again "
            + $"to read on.\",\"resume\":\"0:{last}\"}}\n\n", _text, StringComparison.Ordinal);
        Assert.Contains($"\nid: 0:{last}\ndata: {{\"stream\"", _text, StringComparison.Ordinal);
        Assert.False(_connection.IsAborted);
    }

    [Fact]
    public async Task The_stop_of_the_server_ends_it_at_once_and_says_from_where_to_resume()
    {
        var (sending, _) = Begin();
        _feed.Add(8, "{}");
        await ReadAsync("\"metadata\":{}}\n\n");
        _application.Stop();
        await sending.WaitAsync(Patience, Token);
        await ReadAsync("\"resume\":\"0:8\"}\n\n");
        Assert.Contains("event: granary.end\nid: 0:8\ndata: {\"reason\":\"stopping\"", _text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fault_ends_it_with_its_code_after_the_events_before_it()
    {
        _feed.Add(8, "{}");
        _feed.Fail(new LogReplacedException("live subscription", default, "it ends earlier."));
        var (sending, _) = Begin();
        await sending.WaitAsync(Patience, Token);
        await ReadAsync("\"resume\":\"0:8\"}\n\n");
        Assert.Contains(
            "event: granary.end\nid: 0:8\ndata: {\"reason\":\"log-replaced\"", _text, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        _live.Dispose();
        await _body.Reader.CompleteAsync();
    }

    private (Task Sending, HttpContext Context) Begin()
    {
        var context = new DefaultHttpContext
        {
            RequestServices = new ServiceCollection().AddSingleton<TimeProvider>(_time)
                .AddSingleton<IHostApplicationLifetime>(_application)
                .AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance).BuildServiceProvider(),
        };
        context.Features.Set<IHttpResponseBodyFeature>(new ResponseBody(_body.Writer));
        context.Features.Set<IHttpRequestLifetimeFeature>(_connection);
        return (new LiveResult(_feed, _live.Options, _live.Enter()).ExecuteAsync(context), context);
    }

    private async Task LeaveAsync(Task sending)
    {
        await _connection.LeaveAsync();
        await sending.WaitAsync(Patience, Token);
        _live.Enter().Dispose();
    }

    private async Task ReadAsync(string end)
    {
        while (!_text.EndsWith(end, StringComparison.Ordinal) && !_text.Contains(end, StringComparison.Ordinal))
        {
            var read = await _body.Reader.ReadAsync(Token).AsTask().WaitAsync(Patience, Token);
            Append(read);
            Assert.False(read.IsCompleted && !_text.Contains(end, StringComparison.Ordinal), _text);
        }

        if (!end.StartsWith(':')) return;
        Assert.EndsWith(end, _text, StringComparison.Ordinal);
        _text = "";
    }

    private string Take()
    {
        var before = _text.Length;
        if (_body.Reader.TryRead(out var read)) Append(read);
        return _text[before..];
    }

    private void Append(ReadResult read)
    {
        _text += Encoding.UTF8.GetString(read.Buffer);
        _body.Reader.AdvanceTo(read.Buffer.End);
    }

    private sealed class Feed : ILiveFeed
    {
        private readonly Channel<RecordedEvent> _events = Channel.CreateUnbounded<RecordedEvent>();
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public long Position { get; set; } = 7;

        public int Given { get; private set; }

        public Task Ended => _ended.Task;

        public string Id => $"0:{Position}";

        public void Add(long position, string json) => _events.Writer.TryWrite(new RecordedEvent
        {
            Stream = new("orders", "1"),
            Version = new(position),
            Position = new(default, new(position)),
            Id = Guid.CreateVersion7(DateTimeOffset.UnixEpoch),
            AppendId = AppendId.New(TimeProvider.System),
            Type = "placed",
            SchemaVersion = 1,
            Timestamp = DateTimeOffset.UnixEpoch,
            ContentType = ContentTypes.Json,
            Payload = Encoding.UTF8.GetBytes(json),
            Metadata = EventMetadata.Empty,
        });

        public void Fail(Exception fault) => _events.Writer.Complete(fault);

        public string IdOf(RecordedEvent recorded) => $"0:{recorded.Position.Position}";

        public async IAsyncEnumerable<RecordedEvent> ReadAsync(
            [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            try
            {
                await foreach (var recorded in _events.Reader.ReadAllAsync(cancellationToken))
                {
                    Given++;
                    yield return recorded;
                    Position = recorded.Position.Position.Value;
                }
            }
            finally
            {
                _ended.TrySetResult();
            }
        }
    }

    private sealed class ResponseBody(PipeWriter writer) : IHttpResponseBodyFeature
    {
        public Stream Stream => writer.AsStream();

        public PipeWriter Writer => writer;

        public Task CompleteAsync() => writer.CompleteAsync().AsTask();

        public void DisableBuffering()
        {
        }

        public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class Connection : IHttpRequestLifetimeFeature
    {
        private readonly CancellationTokenSource _gone = new();

        public bool IsAborted { get; private set; }

        public CancellationToken RequestAborted
        {
            get => _gone.Token;
            set => throw new NotSupportedException();
        }

        public Task LeaveAsync() => _gone.CancelAsync();

        public void Abort() => IsAborted = true;
    }

    private sealed class Application : IHostApplicationLifetime
    {
        private readonly CancellationTokenSource _stopping = new();

        public CancellationToken ApplicationStarted => CancellationToken.None;

        public CancellationToken ApplicationStopping => _stopping.Token;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void Stop() => _stopping.Cancel();

        public void StopApplication() => Stop();
    }
}
