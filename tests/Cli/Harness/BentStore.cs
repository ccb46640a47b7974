using System.Runtime.CompilerServices;

namespace Granary.Tests.Cli;

/// <summary>A store that shows some things otherwise than they are.</summary>
internal sealed class BentStore(OpenedStore inner) : IEventStore, IStreamCatalog
{
    /// <summary>What a reader of the log sees of an event; null for nothing.</summary>
    public Func<RecordedEvent, RecordedEvent?> Log { get; set; } = static one => one;

    /// <summary>Which positions cannot be read.</summary>
    public Func<long, bool> IsDamaged { get; set; } = static _ => false;

    /// <summary>What a reader of a stream sees of an event; null for nothing.</summary>
    public Func<RecordedEvent, RecordedEvent?> Stream { get; set; } = static one => one;

    /// <summary>What a stream's head is.</summary>
    public Func<StreamHead, StreamHead> Head { get; set; } = static head => head;

    /// <summary>Which streams are listed.</summary>
    public Func<StreamName, bool> Lists { get; set; } = static _ => true;

    /// <summary>Is called before each commit.</summary>
    public Func<AppendBatch, ValueTask> Committing { get; set; } = static _ => default;

    /// <summary>Is called after each page of the log.</summary>
    public Func<ValueTask> LogRead { get; set; } = static () => default;

    public int PartitionCount => inner.Events.PartitionCount;

    /// <summary>This store as the command has it.</summary>
    public OpenedStore Open() => new()
    {
        Name = "bent",
        Description = inner.Description,
        Events = this,
        Snapshots = inner.Snapshots,
        Checkpoints = inner.Checkpoints,
        Tail = inner.Tail,
        Streams = this,
    };

    public ValueTask<StoreDescription> InitializeAsync(CancellationToken cancellationToken) =>
        inner.Events.InitializeAsync(cancellationToken);

    public async ValueTask CommitAsync(AppendBatch batch, CancellationToken cancellationToken)
    {
        await Committing(batch);
        await inner.Events.CommitAsync(batch, cancellationToken);
    }

    public async ValueTask<StreamHead> ReadHeadAsync(StreamName stream, CancellationToken cancellationToken) =>
        Head(await inner.Events.ReadHeadAsync(stream, cancellationToken));

    public async IAsyncEnumerable<RecordedEvent> ReadStreamAsync(
        StreamName stream, StreamVersion after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var one in inner.Events.ReadStreamAsync(stream, after, cancellationToken))
        {
            if (Stream(one) is { } shown) yield return shown;
        }
    }

    public async ValueTask<LogPage> ReadLogAsync(
        LogPosition after, LogFilter filter, int limit, CancellationToken cancellationToken)
    {
        var page = await inner.Events.ReadLogAsync(after, filter, limit, cancellationToken);
        if (page.Events.Any(one => IsDamaged(one.Position.Position.Value)))
            throw new StoreCorruptException("A page does not match its checksum.");
        await LogRead();
        return page with { Events = [.. page.Events.Select(Log).OfType<RecordedEvent>()] };
    }

    public ValueTask<bool> TruncateAsync(Truncation truncation, CancellationToken cancellationToken) =>
        inner.Events.TruncateAsync(truncation, cancellationToken);

    public ValueTask<bool> ScrubAsync(int eventsMax, CancellationToken cancellationToken) =>
        inner.Events.ScrubAsync(eventsMax, cancellationToken);

    public async ValueTask<StreamPage> ReadStreamsAsync(
        string? category, StreamName? after, int limit, CancellationToken cancellationToken)
    {
        var page = await inner.Streams.ReadStreamsAsync(category, after, limit, cancellationToken);
        return page with { Streams = [.. page.Streams.Where(Lists)] };
    }

    /// <summary>An event with something changed.</summary>
    public static RecordedEvent With(
        RecordedEvent one, StreamVersion? version = null, LogPosition? position = null, StreamName? stream = null,
        DateTimeOffset? timestamp = null, string? type = null, ReadOnlyMemory<byte>? payload = null) => new()
    {
        Stream = stream ?? one.Stream,
        Version = version ?? one.Version,
        Position = position ?? one.Position,
        Id = one.Id,
        AppendId = one.AppendId,
        Type = type ?? one.Type,
        SchemaVersion = one.SchemaVersion,
        Timestamp = timestamp ?? one.Timestamp,
        ContentType = one.ContentType,
        Payload = payload ?? one.Payload,
        Metadata = one.Metadata,
    };
}
