using System.Runtime.CompilerServices;
using Granary.Client;

namespace Granary.Gateway;

/// <summary>
/// A stream, from a point on: by its own index as far as it goes, then by the log, filtered. Both have the positions of
/// the events, so none is left out or sent twice between them.
/// </summary>
internal sealed class StreamFeed : ILiveFeed
{
    private readonly EventReader _reader;
    private readonly TimeProvider _time;
    private readonly StreamName _stream;
    private readonly LogPartition _partition;
    private readonly GlobalPosition _end;
    private readonly StreamHead _head;
    private StreamPoint _at;

    private StreamFeed(
        EventReader reader, StreamHead head, LogPosition end, StreamPoint start, TimeProvider time) =>
        (_reader, _stream, _head, _partition, _end, _at, _time) =
            (reader, head.Stream, head, end.Partition, end.Position, start, time);

    public string Id => _at.ToString();

    public string IdOf(RecordedEvent recorded) => StreamPoint.Of(recorded).ToString();

    /// <summary>Finds where a stream ends, and begins there or at a point.</summary>
    /// <param name="reader">Reads the store.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="start">The point; null for the end.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    /// <exception cref="LogReplacedException">The log ends before the point.</exception>
    public static async Task<StreamFeed> BeginAsync(
        EventReader reader, StreamName stream, StreamPoint? start, TimeProvider time,
        CancellationToken cancellationToken)
    {
        // The log's end before the stream's: who has read the stream to its end has then read the log up to there.
        var partition = LogPartition.Of(stream, await reader.GetPartitionCountAsync(cancellationToken));
        var end = await reader.Log.ReadEndAsync(partition, time, cancellationToken);
        var head = await reader.ReadHeadAsync(stream, cancellationToken);
        var point = start ?? (head.Version == StreamVersion.Zero
            ? new(StreamVersion.Zero, end)
            : new(head.Version, head.Position.Position));
        if (start is not null) LogSourceExtensions.ThrowIfReplaced(new(partition, point.Position), end);
        return new StreamFeed(reader, head, new(partition, end), point, time);
    }

    public async IAsyncEnumerable<RecordedEvent> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var start = _at;
        var isComplete = _head.Version == StreamVersion.Zero ? start.Position == GlobalPosition.Zero : IsHead(start);
        if (!isComplete && (start.Version > StreamVersion.Zero || start == StreamPoint.Start))
        {
            await using var indexed = ReadIndexed(start, cancellationToken).GetAsyncEnumerator(cancellationToken);
            while (await MoveNextAsync(indexed))
            {
                yield return indexed.Current;
                _at = StreamPoint.Of(indexed.Current);
                isComplete |= IsHead(_at);
            }
        }

        // What the index did not give to its end, as the stream was cleared or truncated meanwhile, the log has.
        var through = isComplete && _at.Position < _end ? _end : _at.Position;
        var filter = new LogFilter { Streams = new HashSet<StreamName> { _stream } };
        var positions = new LogPositions([new LogPosition(_partition, through)]);
        await foreach (var recorded in new LogFollower(_reader.Log, positions, filter, _time)
            .FollowAsync(cancellationToken))
        {
            yield return recorded;
            _at = StreamPoint.Of(recorded);
        }
    }

    private IAsyncEnumerable<RecordedEvent> ReadIndexed(StreamPoint start, CancellationToken cancellationToken) =>
        _reader.ReadStreamAsync(
            _stream,
            new StreamRange(
                start == StreamPoint.Start ? new(Math.Max(0, _head.First.Value - 1)) : start.Version, start.Position,
                ReadDirection.Forward),
            cancellationToken);

    // Where the stream has no such event any more, or cannot give the rest, the log is read.
    private static async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<RecordedEvent> indexed)
    {
        try
        {
            return await indexed.MoveNextAsync();
        }
        catch (Exception fault) when (fault is StreamTruncatedException or StoreUnavailableException
            or ApiProblem { Code: Problems.ClearedCode })
        {
            return false;
        }
    }

    private bool IsHead(StreamPoint point) =>
        point.Version == _head.Version && point.Position == _head.Position.Position;
}
