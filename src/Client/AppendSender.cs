using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Granary.Contracts;

namespace Granary.Client;

/// <summary>
/// Sends appends, those to one stream one after the other, and hands out their answers. For one enumeration.
/// </summary>
internal sealed class AppendSender<TTag>(IGranaryClient client, int inFlightMax)
{
    private const long InFlightSizeMax = 8 * 1024 * 1024;

    // What an event takes in memory beside its content.
    private const long EventSize = 128;

    private readonly InFlightLimit _limit = new(inFlightMax, InFlightSizeMax);

    // As many answers as may be in flight: it is bounded by the limit, which each leaves when it is read.
    private readonly Channel<Answered> _answers = Channel.CreateUnbounded<Answered>(new() { SingleReader = true });
    private readonly Lock _lock = new();
    private readonly Dictionary<StreamName, StreamQueue> _queues = [];

    public async IAsyncEnumerable<TaggedAnswer<TTag>> SendAsync(
        IAsyncEnumerable<TaggedAppend<TTag>> appends, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var sending = SendAllAsync(appends, stop.Token);
        try
        {
            var answers = _answers.Reader.ReadAllAsync(cancellationToken);
            await foreach (var (answer, size) in answers)
            {
                _limit.Leave(size);
                yield return answer;
            }

            await sending;
        }
        finally
        {
            await stop.CancelAsync();
            await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task SendAllAsync(IAsyncEnumerable<TaggedAppend<TTag>> appends, CancellationToken stop)
    {
        try
        {
            await foreach (var append in appends.WithCancellation(stop))
            {
                var size = SizeOf(append.Append);
                await _limit.EnterAsync(size, stop);

                // A source may go on after it is cancelled, and the limit has room.
                stop.ThrowIfCancellationRequested();
                Send(new Waiting(append, size), stop);
            }
        }
        finally
        {
            await AllSentAsync();
            _answers.Writer.Complete();
        }
    }

    private void Send(Waiting next, CancellationToken stop)
    {
        StreamQueue queue;
        lock (_lock)
        {
            if (_queues.TryGetValue(next.Append.Stream, out var running))
            {
                running.Waiting.Enqueue(next);
                return;
            }

            _queues.Add(next.Append.Stream, queue = new StreamQueue(next.Append.Stream));
        }

        queue.Sending = SendInOrderAsync(queue, next, stop);
    }

    // Never fails: every error is an append's own.
    private async Task SendInOrderAsync(StreamQueue queue, Waiting next, CancellationToken stop)
    {
        while (true)
        {
            _answers.Writer.TryWrite(new(await SendAsync(next.Append), next.Size));
            lock (_lock)
            {
                if (stop.IsCancellationRequested || !queue.Waiting.TryDequeue(out next))
                {
                    _queues.Remove(queue.Stream);
                    return;
                }
            }
        }
    }

    // It runs to its end whether its answer is still wanted or not, so it is not cancelled.
    private async Task<TaggedAnswer<TTag>> SendAsync(TaggedAppend<TTag> append)
    {
        try
        {
            var answer = await client.AppendAsync(append.Stream, append.Append, CancellationToken.None);
            return new(append.Tag, append.Stream, answer, null);
        }
        catch (Exception error)
        {
            return new(append.Tag, append.Stream, null, error);
        }
    }

    private Task AllSentAsync()
    {
        lock (_lock) return Task.WhenAll(_queues.Values.Select(static one => one.Sending));
    }

    private static long SizeOf(StreamAppend append)
    {
        var size = 0L;
        foreach (var one in append.Events)
        {
            size += EventSize + (one.Data?.Length ?? 0) + ((long)one.Type.Length * sizeof(char));
            if (one.Metadata is not { } metadata) continue;
            foreach (var (name, value) in metadata)
                size += EventSize + ((long)(name.Length + value.Length) * sizeof(char));
        }

        return size;
    }

    private readonly record struct Waiting(TaggedAppend<TTag> Append, long Size);

    private readonly record struct Answered(TaggedAnswer<TTag> Answer, long Size);

    /// <summary>The appends to one stream that wait for the one that is in flight.</summary>
    private sealed class StreamQueue(StreamName stream)
    {
        public StreamName Stream => stream;

        public Queue<Waiting> Waiting { get; } = [];

        public Task Sending { get; set; } = Task.CompletedTask;
    }
}
