using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Granary.Gateway;

/// <summary>A line of a body.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Text">The line without its end; null where it is too long, and was read and dropped.</param>
internal readonly record struct BodyLine(long Number, byte[]? Text);

/// <summary>
/// Reads a body line by line, for as long as its sender keeps the request open. Each line is within the limit of a
/// body; the body has none, and may be slow, as long as bytes come within the idle time.
/// </summary>
/// <param name="request">The request.</param>
/// <param name="idleMax">How long no byte may come.</param>
/// <param name="time">The clock.</param>
/// <param name="stopping">The server stops: no further line is read.</param>
/// <param name="cut">The request is cut off: a read in flight is cancelled.</param>
internal sealed class BodyLines(
    HttpRequest request, TimeSpan idleMax, TimeProvider time, CancellationToken stopping, CancellationToken cut)
{
    private const int BufferKeptMax = 64 * 1024;

    private ArrayBufferWriter<byte> _begun = new();
    private long _begunSize;

    // The read in flight. To stop waiting does not cancel it: the server's reader has no other one after that.
    private Task<ReadResult>? _reading;

    /// <summary>The number of the line that is read now.</summary>
    public long Number { get; private set; } = 1;

    /// <summary>Reads the lines, once.</summary>
    /// <exception cref="ApiProblem">The body is malformed, its sender is idle, or the server stops.</exception>
    public async IAsyncEnumerable<BodyLine> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        RemoveLimits(request.HttpContext.Features);

        // A token, as it may be cancelled after the request has ended. The server's reader may not: it throws then, and
        // in a timer's callback that ends the process.
        using var ending = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        using var gone = cancellationToken.UnsafeRegister(Cancel, ending);
        using var stop = stopping.UnsafeRegister(Cancel, ending);
        while (true)
        {
            var read = await ReadPartAsync(ending, cancellationToken);
            var rest = read.Buffer;
            while (rest.PositionOf((byte)'\n') is { } end)
            {
                yield return End(rest.Slice(0, end));
                rest = rest.Slice(rest.GetPosition(1, end));
            }

            Keep(rest);
            Advance(read);
            if (!read.IsCompleted) continue;
            if (_begunSize > 0) yield return End(ReadOnlySequence<byte>.Empty);
            yield break;
        }
    }

    /// <summary>Reads on to the end of the body, after its lines have ended, and drops what comes.</summary>
    public async Task DropRestAsync()
    {
        try
        {
            while (true)
            {
                var read = await NextAsync(cut);
                Advance(read);
                if (read.IsCompleted) return;
            }
        }
        catch (Exception fault) when (fault is ApiProblem or IOException && !cut.IsCancellationRequested)
        {
            // The framing is broken: where the rest ends cannot be known. The server closes the connection.
        }
    }

    private static void RemoveLimits(IFeatureCollection features)
    {
        if (features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null;
        if (features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate) rate.MinDataRate = null;
    }

    private static void Cancel(object? source) => ((CancellationTokenSource)source!).Cancel();

    private async ValueTask<ReadResult> ReadPartAsync(
        CancellationTokenSource ending, CancellationToken cancellationToken)
    {
        try
        {
            ending.CancelAfter(idleMax);
            var read = await NextAsync(ending.Token);
            ending.CancelAfter(Timeout.InfiniteTimeSpan);
            return read;
        }
        catch (OperationCanceledException) when (
            ending.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw stopping.IsCancellationRequested ? Stopping() : Idle();
        }
    }

    private Task<ReadResult> NextAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _reading ??= RequestBody.ReadPartAsync(request, cut).AsTask();
        return _reading.WaitAsync(cancellationToken);
    }

    private void Advance(ReadResult read)
    {
        RequestBody.Advance(request, read.Buffer.End);
        _reading = null;
    }

    private void Keep(ReadOnlySequence<byte> piece)
    {
        _begunSize += piece.Length;
        if (_begunSize > RequestBody.SizeMax) return;
        foreach (var part in piece) _begun.Write(part.Span);
    }

    private BodyLine End(ReadOnlySequence<byte> last)
    {
        Keep(last);
        var line = new BodyLine(Number++, _begunSize > RequestBody.SizeMax ? null : _begun.WrittenSpan.ToArray());
        if (_begun.Capacity > BufferKeptMax) _begun = new ArrayBufferWriter<byte>();
        _begun.ResetWrittenCount();
        _begunSize = 0;
        return line;
    }

    private ApiProblem Idle() => new(
        408, "idle", "No line came in time",
        $"No byte came for {idleMax.TotalSeconds} seconds. Send an empty line before, or begin another request.");

    private static ApiProblem Stopping() => Problems.Unavailable(
        "stopping", "The server stops. Send the lines that have no answer in another request.");
}
