using System.Runtime.CompilerServices;
using Granary.Client;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Granary.Gateway;

/// <summary>Reads appends line by line, sends them, and answers each by a line when it is durable.</summary>
internal sealed class AppendsResult(IGranaryClient client, OpenAppendRequest open) : IResult
{
    // A caller that does not read its last answers, or goes on sending, may not hold up the stop for all others.
    private static readonly TimeSpan StopMax = TimeSpan.FromSeconds(5);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        using var entered = open;
        var services = httpContext.RequestServices;
        var time = services.GetService<TimeProvider>() ?? TimeProvider.System;
        var stopping = services.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None;
        using var ending = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        using var gone = httpContext.RequestAborted.UnsafeRegister(
            static ending => ((CancellationTokenSource)ending!).Cancel(), ending);
        using var stop = stopping.UnsafeRegister(
            static ending => ((CancellationTokenSource)ending!).CancelAfter(StopMax), ending);
        var (idleMax, token) = (TimeSpan.FromMilliseconds(open.Options.AppendsIdleMaxMs), ending.Token);
        var lines = new BodyLines(httpContext.Request, idleMax, time, stopping, token);
        httpContext.Response.ContentType = AppendEndpoints.Lines;
        using var answers = new AnswerLines(httpContext.Response.BodyWriter, idleMax, time, ending.Cancel);
        try
        {
            if (await AnswerAllAsync(httpContext, lines, answers, token)) return;
            await httpContext.Response.CompleteAsync();
            ending.CancelAfter(StopMax);

            // The server would read the rest for as long as it comes. To cut it off at once loses the last line to the
            // caller.
            await lines.DropRestAsync();
        }
        catch (Exception) when (token.IsCancellationRequested)
        {
            // The caller is gone or does not read: its body cannot be read or its answers cannot be sent. What it sent
            // is stored or is not, as with any request whose answer is lost.
            httpContext.Abort();
        }
    }

    // Whether the body was read to its end.
    private async Task<bool> AnswerAllAsync(
        HttpContext context, BodyLines lines, AnswerLines answers, CancellationToken token)
    {
        var appends = AppendsOf(context, lines, answers, token);
        try
        {
            await using var answered = client.AppendManyAsync(appends, open.Options.AppendsInFlightMax, token)
                .GetAsyncEnumerator(token);
            while (true)
            {
                var next = answered.MoveNextAsync();
                if (!next.IsCompleted) await answers.FlushAsync(token);
                if (!await next) break;
                await answers.WriteAsync(ToLine(answered.Current, context), token);
            }
        }
        catch (Exception fault) when (!token.IsCancellationRequested)
        {
            // The rest of the body cannot be read: the line that it fails in is answered, and it is the last.
            await answers.WriteAsync(ToLine(lines.Number, null, fault, context), token);
            await answers.FlushAsync(token);
            return false;
        }

        await answers.FlushAsync(token);
        return true;
    }

    private static async IAsyncEnumerable<TaggedAppend<LineTag>> AppendsOf(
        HttpContext context, BodyLines lines, AnswerLines answers, [EnumeratorCancellation] CancellationToken token)
    {
        await foreach (var line in lines.ReadAsync(token))
        {
            if (line.Text is { } text && text.AsSpan().Trim(" \t\r"u8).IsEmpty) continue;
            var (append, refusal) = Parse(line, context);
            if (append is not null)
            {
                yield return append.Value;
                continue;
            }

            await answers.WriteAsync(refusal!, token);
            await answers.FlushAsync(token);
        }
    }

    // A line that is no append is answered at once; the others do not depend on it.
    private static (TaggedAppend<LineTag>? Append, AppendLineResponse? Refusal) Parse(
        BodyLine line, HttpContext context)
    {
        string? id = null;
        try
        {
            LimitExceededException.ThrowIfOver(
                RequestBody.SizeMax, line.Text?.Length ?? RequestBody.SizeMax + 1L, "line",
                "Send fewer events at once.");
            if (EventJson.TryReadLine(line.Number, line.Text) is { } plain) return (plain, null);
            using var json = RequestBody.Parse(line.Text);
            id = AppendLine.IdOf(json.RootElement);
            return (AppendLine.Read(line.Number, json.RootElement), null);
        }
        catch (Exception fault)
        {
            return (null, ToLine(line.Number, id, fault, context));
        }
    }

    private static AppendLineResponse ToLine(TaggedAnswer<LineTag> answered, HttpContext context)
    {
        var (tag, stream) = (answered.Tag, answered.Stream);
        if (answered.Error is { } error) return ToLine(tag.Number, tag.Id, error, context);
        var answer = answered.Answer!;
        return answer.Outcome switch
        {
            AppendOutcome.Appended => new(tag.Number, tag.Id, 201) { Append = AppendResponse.Of(stream, answer) },
            AppendOutcome.AlreadyAppended =>
                new(tag.Number, tag.Id, 200) { Append = AppendResponse.Of(stream, answer) },
            _ => ToLine(tag.Number, tag.Id, Problems.WrongVersion([tag.Expected], answer), context),
        };
    }

    private static AppendLineResponse ToLine(long number, string? id, Exception fault, HttpContext context)
    {
        var problem = Problems.ResponseTo(fault, context);
        return new(number, id, problem.Status) { Problem = problem };
    }
}
