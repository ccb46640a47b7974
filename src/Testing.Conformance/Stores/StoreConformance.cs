using System.Globalization;
using System.Text;

namespace Granary.Testing.Conformance.Stores;

/// <summary>
/// What everything above the seam may rely on, whatever store it is. Each test has data of its own; the ids in it are
/// counted, so that a run is like every other.
/// </summary>
public abstract class StoreConformance<TStore> : IAsyncLifetime
    where TStore : TestStore, new()
{
    private IModelStore? _models;
    private int _ids;

    protected static DateTimeOffset Noon { get; } = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected TStore Data { get; } = new();

    protected IEventStore Events { get; private set; } = null!;

    protected ISnapshotStore Snapshots { get; private set; } = null!;

    protected ICheckpointStore Checkpoints { get; private set; } = null!;

    protected ILogTail Tail { get; private set; } = null!;

    protected IStreamCatalog Streams { get; private set; } = null!;

    /// <summary>The model store. Where the store keeps no models, the test is skipped.</summary>
    protected IModelStore Models
    {
        get
        {
            Assert.SkipWhen(_models is null, "The store keeps no models.");
            return _models!;
        }
    }

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(Data.SkipReason is not null, Data.SkipReason ?? "");
        Use(await Data.OpenAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await Data.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>From now on the test works with this instance.</summary>
    protected void Use(OpenStore opened) =>
        (Events, Snapshots, Checkpoints, Tail, Streams, _models) =
        (opened.Events, opened.Snapshots, opened.Checkpoints, opened.Tail, opened.Streams, opened.Models);

    protected Guid NextId() => new(Interlocked.Increment(ref _ids), 0, 0x7000, 0x80, 0, 0, 0, 0, 0, 0, 1);

    protected static StreamName Stream(string key) => new("order", key);

    /// <summary>The first so many streams of a partition.</summary>
    protected StreamName[] StreamsIn(LogPartition partition, int count) =>
        Enumerable.Range(0, int.MaxValue)
            .Select(static at => Stream("s" + at.ToString(CultureInfo.InvariantCulture)))
            .Where(stream => Events.PartitionOf(stream) == partition).Take(count).ToArray();

    /// <summary>Streams that one batch may write to: all in the store's last partition.</summary>
    protected StreamName[] Together(int count) => StreamsIn(new(Data.Partitions - 1), count);

    protected NewEvent Event(string text = "{}") => new(NextId(), "order.changed", Encoding.UTF8.GetBytes(text));

    protected Append Append(StreamName stream, ExpectedVersion expected, params string[] texts) =>
        new(stream, expected, new(NextId()), texts.Select(Event).ToArray());

    protected Append Clear(StreamName stream, ExpectedVersion expected = default) =>
        Granary.Append.Clear(stream, expected, new(NextId()));

    protected async Task<AppendResult> CommitAsync(Append append, DateTimeOffset? at = null) =>
        await Events.CommitAsync(append, at ?? Noon, Token);

    protected Task<AppendResult> AppendAsync(StreamName stream, params string[] texts) =>
        CommitAsync(Append(stream, ExpectedVersion.Any, texts));

    /// <summary>Commits appends to streams of one partition as one batch.</summary>
    protected async Task<IReadOnlyList<AppendResult>> CommitAllAsync(params Append[] appends)
    {
        var batch = new AppendBatch(Events.PartitionOf(appends[0].Stream), Noon, appends);
        await Events.CommitAsync(batch, Token);
        return batch.Results;
    }

    protected async Task<StreamHead> HeadAsync(StreamName stream) => await Events.ReadHeadAsync(stream, Token);

    protected Task<List<RecordedEvent>> StreamAsync(StreamName stream, long after = 0) =>
        Reading.AllAsync(Events.ReadStreamAsync(stream, new(after), Token));

    protected Task<List<RecordedEvent>> LogAsync(LogPartition partition, long after = 0) =>
        Reading.AllAsync(Events.ReadLogAsync(new(partition, new(after)), Token));

    protected Task<List<RecordedEvent>> LogOfAsync(StreamName stream) => LogAsync(Events.PartitionOf(stream));

    /// <summary>All that a reader of the log sees.</summary>
    protected async Task<string[]> ShownAsync(StreamName stream) => (await LogOfAsync(stream)).Select(static one =>
        $"{one.Position} {one.Stream} {one.Version} {one.Id} {one.AppendId} {one.Type} {one.SchemaVersion} "
        + $"{one.ContentType} {one.Timestamp:O} {one.Metadata.Pairs.Count} {Reading.Text(one)}").ToArray();

    /// <summary>The positions of the events of a type, as the store's filter takes them.</summary>
    protected async Task<IEnumerable<long>> PositionsOfTypeAsync(StreamName stream, string type) =>
        Reading.Positions((await Events.ReadLogAsync(
            At(stream, 0), new LogFilter { EventTypes = new HashSet<string> { type } }, 100, Token)).Events);

    protected async Task<string> TextsAsync(StreamName stream) => Reading.Texts(await StreamAsync(stream));

    protected LogPosition At(StreamName stream, long position) => new(Events.PartitionOf(stream), new(position));
}
