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
public sealed class AppendsResultTests
{
    [Fact]
    public async Task A_caller_that_reads_nothing_does_not_hold_up_a_stop()
    {
        var token = TestContext.Current.CancellationToken;
        var sent = new Pipe();
        var answers = new Pipe(new PipeOptions(pauseWriterThreshold: 1, resumeWriterThreshold: 1));
        var (time, host, caller) = (new FakeTimeProvider(), new StoppingHost(), new Caller());
        var context = new DefaultHttpContext
        {
            RequestServices = new ServiceCollection().AddSingleton<TimeProvider>(time)
                .AddSingleton<IHostApplicationLifetime>(host).BuildServiceProvider(),
        };
        context.Features.Set<IRequestBodyPipeFeature>(new Sent(sent.Reader));
        context.Features.Set<IHttpResponseBodyFeature>(new Answers(answers.Writer));
        context.Features.Set<IHttpRequestLifetimeFeature>(caller);
        using var requests = new AppendRequests(
            Options.Create(new GranaryGatewayOptions { AppendRequestsMax = 1 }));
        await sent.Writer.WriteAsync(Encoding.UTF8.GetBytes("no append\n"), token);

        var running = new AppendsResult(new HeldClient(), requests.Enter()).ExecuteAsync(context);
        host.StopApplication();
        time.Advance(TimeSpan.FromSeconds(5) - TimeSpan.FromTicks(1));
        Assert.False(running.IsCompleted);
        Assert.False(caller.IsCutOff);
        time.Advance(TimeSpan.FromTicks(1));
        await running.WaitAsync(token);
        Assert.True(caller.IsCutOff);
        requests.Enter().Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_caller_that_does_not_end_its_body_after_the_last_line_is_cut_off(bool ends)
    {
        var token = TestContext.Current.CancellationToken;
        var (sent, answers) = (new Pipe(), new Pipe());
        var (time, host, caller) = (new FakeTimeProvider(), new StoppingHost(), new Caller());
        var context = new DefaultHttpContext
        {
            RequestServices = new ServiceCollection().AddSingleton<TimeProvider>(time)
                .AddSingleton<IHostApplicationLifetime>(host).BuildServiceProvider(),
        };
        context.Features.Set<IRequestBodyPipeFeature>(new Sent(sent.Reader));
        context.Features.Set<IHttpResponseBodyFeature>(new Answers(answers.Writer));
        context.Features.Set<IHttpRequestLifetimeFeature>(caller);
        using var requests = new AppendRequests(Options.Create(new GranaryGatewayOptions()));
        var running = new AppendsResult(new HeldClient(), requests.Enter()).ExecuteAsync(context);
        host.StopApplication();
        var all = await answers.Reader.ReadAtLeastAsync(100, token);
        Assert.Contains("\"stopping\"", Encoding.UTF8.GetString(all.Buffer), StringComparison.Ordinal);
        Assert.False(running.IsCompleted);
        if (ends) await sent.Writer.CompleteAsync();
        else time.Advance(TimeSpan.FromSeconds(5));
        await running.WaitAsync(token);
        Assert.Equal(!ends, caller.IsCutOff);
    }

    private sealed class Sent(PipeReader reader) : IRequestBodyPipeFeature
    {
        public PipeReader Reader => reader;
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
