using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Granary.Gateway;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Granary.Tests.Unit.Gateway;

/// <summary>A page is read no faster than the client reads it, and only for a bounded time.</summary>
public sealed class PageResultTests
{
    private const int Events = 100;
    private const int EventSize = 40_000;

    private readonly Pipe _body = new(new PipeOptions(pauseWriterThreshold: 100_000, resumeWriterThreshold: 50_000));
    private readonly FakeTimeProvider _time = new();
    private readonly Lifetime _lifetime = new();
    private int _read;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_the_caller_does_not_read_is_not_read_from_the_store()
    {
        var (sending, context) = await BeginAsync();

        // Events of 40 kB are sent when 64 kB are buffered, into a body that holds 100 kB: two fit, and the
        // sending of the next two waits.
        Assert.False(sending.IsCompleted);
        Assert.Equal(4, _read);

        var text = await TakeAllAsync(sending, context);
        Assert.Equal(Events, _read);
        using var page = JsonDocument.Parse(text);
        Assert.Equal(Events, page.RootElement.GetProperty("events").GetArrayLength());
        Assert.Equal(Events, page.RootElement.GetProperty("next").GetInt64());
        Assert.False(page.RootElement.GetProperty("more").GetBoolean());
    }

    [Fact]
    public async Task A_caller_that_is_slow_gets_a_shorter_page()
    {
        var (sending, context) = await BeginAsync();
        _time.Advance(PageResult.ShortenAfter + TimeSpan.FromSeconds(1));

        using var page = JsonDocument.Parse(await TakeAllAsync(sending, context));
        var sent = page.RootElement.GetProperty("events").GetArrayLength();
        Assert.Equal(4, sent);
        Assert.Equal(sent, page.RootElement.GetProperty("next").GetInt64());
        Assert.True(page.RootElement.GetProperty("more").GetBoolean());
        Assert.False(_lifetime.IsAborted);
    }

    [Fact]
    public async Task A_caller_that_reads_nothing_is_cut_off()
    {
        var (sending, _) = await BeginAsync();
        _time.Advance(PageResult.AbortAfter + TimeSpan.FromSeconds(1));
        await sending.WaitAsync(Token);
        Assert.True(_lifetime.IsAborted);
    }

    private async Task<(Task Sending, HttpContext Context)> BeginAsync()
    {
        var context = new DefaultHttpContext
        {
            RequestServices = new ServiceCollection().AddSingleton<TimeProvider>(_time).BuildServiceProvider(),
        };
        context.Features.Set<IHttpResponseBodyFeature>(new Body(_body.Writer));
        context.Features.Set<IHttpRequestLifetimeFeature>(_lifetime);
        var page = await PageReader.BeginAsync(ReadAsync(), 1000, EventResponse.Of, Token);
        return (new PageResult(page, 0, static last => last.Version.Value).ExecuteAsync(context), context);
    }

    private async Task<string> TakeAllAsync(Task sending, HttpContext context)
    {
        var text = new StringBuilder();
        while (true)
        {
            var read = await _body.Reader.ReadAsync(Token);
            text.Append(Encoding.UTF8.GetString(read.Buffer));
            _body.Reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted) return text.ToString();
            if (text[^1] != '}' || !text.ToString().Contains("\"more\":", StringComparison.Ordinal)) continue;
            await sending.WaitAsync(Token);
            await context.Response.BodyWriter.CompleteAsync();
        }
    }

    private async IAsyncEnumerable<RecordedEvent> ReadAsync()
    {
        var payload = JsonSerializer.SerializeToUtf8Bytes(new string('x', EventSize));
        for (var version = 1; version <= Events; version++)
        {
            _read = version;
            await Task.CompletedTask;
            yield return new RecordedEvent
            {
                Stream = new("orders", "1"),
                Version = new(version),
                Position = new(default, new(version)),
                Id = Guid.CreateVersion7(DateTimeOffset.UnixEpoch),
                AppendId = AppendId.New(_time),
                Type = "placed",
                SchemaVersion = 1,
                Timestamp = DateTimeOffset.UnixEpoch,
                ContentType = ContentTypes.Json,
                Payload = payload,
                Metadata = EventMetadata.Empty,
            };
        }
    }

    private sealed class Body(PipeWriter writer) : IHttpResponseBodyFeature
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

    private sealed class Lifetime : IHttpRequestLifetimeFeature
    {
        public bool IsAborted { get; private set; }

        public CancellationToken RequestAborted { get; set; }

        public void Abort() => IsAborted = true;
    }
}
