using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Granary.Gateway;

/// <summary>An event on a page, read and checked: writing it does not fail.</summary>
internal interface IPageItem
{
    void WriteTo(Utf8JsonWriter writer);
}

/// <summary>
/// Sends a page of events as they are read. What the caller does not read is not read ahead. A caller that is slow gets
/// a shorter page; one that reads nothing is cut off.
/// </summary>
/// <param name="page">The page, begun.</param>
/// <param name="start">Where the page begins: what <c>next</c> is where it holds no event.</param>
/// <param name="next">Where the following page starts after an event.</param>
internal sealed class PageResult(PageReader page, long start, Func<RecordedEvent, long> next) : IResult
{
    /// <summary>After so long a page ends with the event that is being sent.</summary>
    public static readonly TimeSpan ShortenAfter = TimeSpan.FromSeconds(20);

    /// <summary>After so long the connection is closed.</summary>
    public static readonly TimeSpan AbortAfter = TimeSpan.FromSeconds(30);

    private const int FlushSize = 64 * 1024;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        await using var reading = page;
        var response = httpContext.Response;
        response.ContentType = IsBatch(httpContext) ? CloudEvents.Batch : "application/json; charset=utf-8";
        if (HttpMethods.IsHead(httpContext.Request.Method)) return;

        var time = httpContext.RequestServices.GetService<TimeProvider>() ?? TimeProvider.System;
        var began = time.GetTimestamp();
        using var abort = new CancellationTokenSource(AbortAfter, time);
        try
        {
            await WriteAsync(httpContext, () => time.GetElapsedTime(began) > ShortenAfter, abort.Token);
        }
        catch (OperationCanceledException) when (abort.IsCancellationRequested)
        {
            httpContext.Abort();
        }
    }

    // In CloudEvents the position is an attribute of each event.
    private static bool IsBatch(HttpContext context) => Acceptance.IsCloudEvents(context.Request);

    private async Task WriteAsync(HttpContext context, Func<bool> isSlow, CancellationToken abort)
    {
        var body = context.Response.BodyWriter;
        await using var writer = new Utf8JsonWriter(body, GatewayJson.WriterOptions);
        var isBatch = IsBatch(context);
        if (!isBatch)
        {
            writer.WriteStartObject();
            writer.WritePropertyName("events");
        }

        writer.WriteStartArray();
        var flushed = 0L;
        while (page.Current is { } item)
        {
            item.WriteTo(writer);
            writer.Flush();
            if (writer.BytesCommitted - flushed >= FlushSize)
            {
                if ((await body.FlushAsync(abort)).IsCompleted) return;
                flushed = writer.BytesCommitted;
            }

            if (isSlow()) page.End();
            else await page.NextAsync(context);
        }

        writer.WriteEndArray();
        if (!isBatch)
        {
            writer.WriteNumber("next", page.Last is { } last ? next(last) : start);
            writer.WriteBoolean("more", page.More);
            writer.WriteEndObject();
        }

        writer.Flush();
        await body.FlushAsync(abort);
    }
}
