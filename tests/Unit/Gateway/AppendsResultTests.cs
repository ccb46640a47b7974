using System.IO.Pipelines;
using System.Text;
using Granary.Gateway;
using Granary.Tests.Unit.Client;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Granary.Tests.Unit.Gateway;

/// <summary>The end of a request with many appends.</summary>
public sealed class AppendsResultTests : IDisposable
{
    private readonly Pipe _sent = new();
    private readonly FakeTimeProvider _time = new();
    private readonly StoppingHost _host = new();
    private readonly Caller _caller = new();
    private readonly AppendRequests _requests = new(
        Options.Create(new GranaryGatewayOptions { AppendRequestsMax = 1 }));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _requests.Dispose();

    [Fact]
    public async Task A_caller_that_reads_nothing_does_not_hold_up_a_stop()
    {
        var answers = new Pipe(new PipeOptions(pauseWriterThreshold: 1, resumeWriterThreshold: 1));
        await _sent.Writer.WriteAsync(Encoding.UTF8.GetBytes("no append\n"), Token);

        var running = RunAsync(answers);
        _host.StopApplication();
        _time.Advance(TimeSpan.FromSeconds(5) - TimeSpan.FromTicks(1));
        Assert.False(running.IsCompleted);
        Assert.False(_caller.IsCutOff);
        _time.Advance(TimeSpan.FromTicks(1));
        await running.WaitAsync(Token);
        Assert.True(_caller.IsCutOff);
        _requests.Enter().Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_caller_that_does_not_end_its_body_after_the_last_line_is_cut_off(bool ends)
    {
        var answers = new Pipe();
        var running = RunAsync(answers);
        _host.StopApplication();
        var all = await answers.Reader.ReadAtLeastAsync(100, Token);
        Assert.Contains("\"stopping\"", Encoding.UTF8.GetString(all.Buffer), StringComparison.Ordinal);
        Assert.False(running.IsCompleted);
        if (ends) await _sent.Writer.CompleteAsync();
        else _time.Advance(TimeSpan.FromSeconds(5));
        await running.WaitAsync(Token);
        Assert.Equal(!ends, _caller.IsCutOff);
    }

    private Task RunAsync(Pipe answers)
    {
        var context = new DefaultHttpContext
        {
            RequestServices = new ServiceCollection().AddSingleton<TimeProvider>(_time)
                .AddSingleton<IHostApplicationLifetime>(_host).BuildServiceProvider(),
        };
        context.Features.Set<IRequestBodyPipeFeature>(new Sent(_sent.Reader));
        context.Features.Set<IHttpResponseBodyFeature>(new Answers(answers.Writer));
        context.Features.Set<IHttpRequestLifetimeFeature>(_caller);
        return new AppendsResult(new HeldClient(), _requests.Enter()).ExecuteAsync(context);
    }

    private sealed class Sent(PipeReader reader) : IRequestBodyPipeFeature
    {
        public PipeReader Reader { get; } = new ServerReader(reader);
    }

    /// <summary>A body with a Content-Length, as the server reads it: a read that was cancelled is its last.</summary>
    private sealed class ServerReader(PipeReader reader) : PipeReader
    {
        private bool _isReading;

        public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
        {
            _isReading = false;
            reader.AdvanceTo(consumed, examined);
        }

        public override void CancelPendingRead() => reader.CancelPendingRead();

        public override void Complete(Exception? exception = null) => reader.Complete(exception);

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
            if (_isReading) throw new InvalidOperationException("Reading is already in progress.");
            _isReading = true;
            return reader.ReadAsync(cancellationToken);
        }

        public override bool TryRead(out ReadResult result) => throw new NotSupportedException();
    }

    private sealed class Answers(PipeWriter writer) : StreamResponseBodyFeature(Stream.Null), IHttpResponseBodyFeature
    {
        PipeWriter IHttpResponseBodyFeature.Writer => writer;
    }

    private sealed class Caller : IHttpRequestLifetimeFeature
    {
        public bool IsCutOff { get; private set; }

        public CancellationToken RequestAborted { get; set; }

        public void Abort() => IsCutOff = true;
    }

    private sealed class StoppingHost : IHostApplicationLifetime
    {
        private readonly CancellationTokenSource _stopping = new();

        public CancellationToken ApplicationStarted => CancellationToken.None;

        public CancellationToken ApplicationStopping => _stopping.Token;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void StopApplication() => _stopping.Cancel();
    }
}
