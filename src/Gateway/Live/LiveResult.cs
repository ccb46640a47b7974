using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Granary.Gateway;

/// <summary>
/// Sends events as they come, until the reader leaves, the server stops, reading fails, or the reader takes nothing. In
/// the last three cases the last event, where it can still be sent, is <see cref="LiveBody.EndEvent"/>.
/// </summary>
/// <param name="feed">The events.</param>
/// <param name="options">The limits.</param>
/// <param name="lease">Of one live reader; null where the headers alone are wanted.</param>
internal sealed class LiveResult(ILiveFeed feed, GranaryGatewayOptions options, RateLimitLease? lease) : IResult
{
    /// <summary>How long a slow reader has to take the last event.</summary>
    public static readonly TimeSpan EndMax = TimeSpan.FromSeconds(5);

    // The stop waits for it.
    private static readonly TimeSpan StopMax = TimeSpan.FromSeconds(1);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        using var entered = lease;
        Begin(httpContext);
        if (lease is null) return;

        var services = httpContext.RequestServices;
        var time = services.GetService<TimeProvider>() ?? TimeProvider.System;
        var stopping = services.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(httpContext.RequestAborted, stopping);
        using var body = new LiveBody(
            httpContext.Response.BodyWriter, TimeSpan.FromMilliseconds(options.LiveUnreadMaxMs), time);
        var (reason, max) = (("stopping", "The server stops. Connect again."), StopMax);
        try
        {
            await SendAsync(body, time, ending.Token);
        }
        catch (Exception) when (httpContext.RequestAborted.IsCancellationRequested)
        {
            return;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
        catch (SlowReaderException slow)
        {
            (reason, max) = (("slow-reader", "What was sent was not read. Connect again to read on."), EndMax);
            Log(httpContext, null, body.Id, slow.Message);
        }
        catch (Exception fault)
        {
            // It is logged as every fault of a call is.
            var problem = Problems.ResponseTo(fault, httpContext);
            (reason, max) = ((problem.Code, problem.Detail), EndMax);
            Log(httpContext, fault, body.Id, problem.Code);
        }

        await EndAsync(httpContext, body, reason, max, time);
    }

    // No proxy and no middleware may hold back or compress what is sent: it is read at once, or it is not live.
    private static void Begin(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentType = LiveBody.ContentType;
        headers.CacheControl = "no-cache, no-store, no-transform";
        headers.ContentEncoding = "identity";
        headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
    }

    private async Task SendAsync(LiveBody body, TimeProvider time, CancellationToken token)
    {
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(token);
        body.WriteOpening(feed.Id);
        await body.FlushAsync(token);
        await using var events = feed.ReadAsync(reading.Token).GetAsyncEnumerator(reading.Token);
        while (true)
        {
            var moving = events.MoveNextAsync();
            if (!moving.IsCompleted)
            {
                var next = moving.AsTask();
                try
                {
                    await IdleAsync(next, body, time, token);
                }
                finally
                {
                    // Where the reader is not sent to any more: an enumeration is not disposed while it runs.
                    if (!next.IsCompleted) await reading.CancelAsync();
                    await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }

                moving = new ValueTask<bool>(next);
            }

            if (!await moving) return;
            await body.WriteAsync(feed.IdOf(events.Current), EventResponse.Of(events.Current), token);
        }
    }

    // Sends what is written, and a comment from time to time, until there is an event.
    private async Task IdleAsync(Task next, LiveBody body, TimeProvider time, CancellationToken token)
    {
        while (!next.IsCompleted)
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(token);
            var delay = Task.Delay(TimeSpan.FromMilliseconds(options.LiveHeartbeatMs), time, stop.Token);
            await body.FlushAsync(token);
            await Task.WhenAny(next, delay);
            await stop.CancelAsync();
            token.ThrowIfCancellationRequested();
            if (!next.IsCompleted) body.WriteHeartbeat(feed.Id);
        }
    }

    private static async Task EndAsync(
        HttpContext context, LiveBody body, (string Code, string Detail) reason, TimeSpan max, TimeProvider time)
    {
        using var over = new CancellationTokenSource(max, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(over.Token, context.RequestAborted);
        try
        {
            await body.FlushedAsync(stop.Token);
            body.WriteEnd(reason.Code, reason.Detail);
            await body.FlushAsync(stop.Token);
            await context.Response.CompleteAsync().WaitAsync(stop.Token);
        }
        catch (Exception fault) when (fault is OperationCanceledException or SlowReaderException)
        {
            context.Abort();
        }
    }

    private static void Log(HttpContext context, Exception? fault, string id, string reason) =>
        Problems.Logger(context).LiveReaderEnded(fault, RequestTarget.Path(context), id, reason);
}
