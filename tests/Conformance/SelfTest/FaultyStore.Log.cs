namespace Granary.Tests.Conformance.SelfTest;

internal sealed partial class FaultyStore
{
    private LogPage PageOf(RecordedEvent[] log, long after, LogFilter filter, int limit)
    {
        var last = after - (fault == Fault.LogAfterIsInclusive ? 1 : 0);
        var end = log.Length == 0 ? 0 : log[^1].Position.Position.Value;
        var taken = log.Where(one => one.Position.Position.Value > last && Takes(filter, one)).ToList();
        var page = fault == Fault.ForgetsThePagesLimit ? taken : taken.Take(limit).ToList();
        while (page.Count > 1 && fault != Fault.ForgetsThePagesBytes
            && page.Sum(static one => one.Payload.Length) > GranaryLimits.PageBytesMax / 2)
            page.RemoveAt(page.Count - 1);
        var through = page.Count < taken.Count ? page[^1].Position.Position.Value : Math.Max(after, end);
        if (fault == Fault.StandsStillOverTheFiltered && page.Count == 0) through = after;
        if (fault == Fault.LooksTooFar && page.Count < taken.Count) through++;
        if (fault == Fault.MovesThePositionToTheEnd) through = Math.Min(through, end);
        return new LogPage(page, new(through), new(fault == Fault.EndsWhereThePageEnds ? through : end));
    }

    private bool Takes(LogFilter filter, RecordedEvent one)
    {
        var kept = fault switch
        {
            Fault.FiltersNoCategories => filter with { Categories = null },
            Fault.FiltersNoTypes => filter with { EventTypes = null },
            Fault.FiltersNoStreams => filter with { Streams = null },
            _ => filter,
        };
        return kept.Takes(one.Stream, one.Type);
    }

    private List<RecordedEvent> LogOf(StreamName stream, List<RecordedEvent>[] logs) =>
        logs[fault == Fault.KeepsAllInOnePartition ? 0 : this.PartitionOf(stream).Value];

    private IEnumerable<RecordedEvent> Of(StreamName stream, List<RecordedEvent>[] logs) =>
        LogOf(stream, logs).Where(one => IsSame(one.Stream, stream));

    private bool IsSame(StreamName one, StreamName other) => fault switch
    {
        Fault.TakesNamesForOneAnother => StringComparer.OrdinalIgnoreCase.Equals(one.ToString(), other.ToString()),
        Fault.CutsLongNames => one.Category == other.Category && Cut(one.Key) == Cut(other.Key),
        _ => one == other,
    };

    private static string Cut(string key) => key[..Math.Min(key.Length, 500)];

    private List<RecordedEvent> Live(StreamName stream, List<RecordedEvent>[]? logs = null) =>
        Of(stream, logs ?? data.Log).Where(static one => !one.IsTombstone).ToList();

    private LogPosition End(StreamName stream, List<RecordedEvent>[]? logs = null) =>
        Of(stream, logs ?? data.Log).LastOrDefault()?.Position ?? LogPosition.StartOf(this.PartitionOf(stream));

    private StreamVersion VersionOf(StreamName stream, List<RecordedEvent> events, List<RecordedEvent>[] logs)
    {
        if (events.Count > 0) return events[^1].Version;
        return fault != Fault.GoesOnWithTheVersion
            ? StreamVersion.Zero
            : Of(stream, logs).Select(static one => one.Version).DefaultIfEmpty().Max();
    }

    private RecordedEvent Record(AppendBatch batch, Append append, StreamVersion version, NewEvent given)
    {
        var log = LogOf(append.Stream, data.Log);
        var position = fault == Fault.CountsPositionsByItself ? ++_ownPositions : log.Count + 1 + data.Lost;
        var partition = fault == Fault.KeepsAllInOnePartition ? default : batch.Partition;
        var first = fault == Fault.KeepsATypeAsItCameFirst ? log.Find(one => one.Type == given.Type) : null;
        var cut = fault == Fault.CutsTimeToMilliseconds ? batch.Timestamp.Ticks % TimeSpan.TicksPerMillisecond : 0;
        var recorded = new RecordedEvent
        {
            Stream = append.Stream,
            Version = version,
            Position = new(partition, new(position)),
            Id = given.Id,
            AppendId = IsReadAsAnEvents(append) ? new(given.Id) : append.Id,
            Type = fault == Fault.CutsTypesAtNul ? given.Type.Split('\0')[0] : given.Type,
            SchemaVersion = first?.SchemaVersion ?? given.SchemaVersion,
            Timestamp = _ownTime = TimeOf(batch, append).AddTicks(-cut),
            ContentType = first?.ContentType ?? KeptContentType(given.ContentType),
            Payload = Kept(given.Payload),
            Metadata = fault == Fault.DropsMetadata ? EventMetadata.Empty : given.Metadata,
        };
        log.Add(recorded);
        return recorded;
    }

    private bool IsReadAsAnEvents(Append append) =>
        fault == Fault.ReadsEventIdsAsAppendIds && append.Events.Count > 0 && append.Id.Value == append.Events[0].Id;

    private DateTimeOffset TimeOf(AppendBatch batch, Append append)
    {
        var last = fault switch
        {
            Fault.LetsTimeGoBack => default,
            Fault.KeepsTimeInTheProcess => _ownTime,
            Fault.KeepsAllInOnePartition => data.Log[0].LastOrDefault()?.Timestamp ?? default,
            _ => data.Log[batch.Partition.Value].LastOrDefault()?.Timestamp ?? default,
        };
        var given = fault == Fault.IgnoresTheTimeOfACopy || !(append.RecordedAt < batch.Timestamp)
            ? batch.Timestamp
            : append.RecordedAt!.Value;
        return last > given ? last : given;
    }

    private string KeptContentType(string given) =>
        fault == Fault.CutsContentTypes ? given[..Math.Min(given.Length, 100)] : given;

    private ReadOnlyMemory<byte> Kept(ReadOnlyMemory<byte> payload)
    {
        if (fault == Fault.KeepsTheCallersBuffer) return payload;
        const int cut = 1_000_000;
        return fault == Fault.CutsLargePayloads && payload.Length > cut ? payload[..cut].ToArray() : payload.ToArray();
    }

    private RecordedEvent Tombstone(RecordedEvent gone, AppendId? appendId = null) => new()
    {
        Stream = gone.Stream,
        Version = gone.Version,
        Position = gone.Position,
        Id = gone.Id,
        AppendId = appendId ?? gone.AppendId,
        Type = EventTypes.Tombstone,
        SchemaVersion = 1,
        Timestamp = gone.Timestamp,
        ContentType = ContentTypes.Json,
        Payload = fault == Fault.KeepsClearedPayloads ? gone.Payload : default,
        Metadata = fault == Fault.KeepsClearedMetadata ? gone.Metadata : EventMetadata.Empty,
    };
}
