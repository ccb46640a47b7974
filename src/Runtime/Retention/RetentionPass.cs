using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Granary.Runtime;

/// <summary>
/// Applies a rule once to all streams of its category whose partition this silo owns. Two silos that both believe to
/// own one do some work twice, and no harm.
/// </summary>
internal sealed class RetentionPass(
    IEventStore store,
    IServiceProvider services,
    IGrainFactory grains,
    IClusterManifestProvider manifests,
    TimeProvider time,
    ILogger<RetentionPass> logger)
{
    private const int PageStreams = 256;
    private const int FailuresLoggedMax = 10;

    // Grains that are called by their users come first: the store and the silo are free for as long as a step has
    // taken, within a bound.
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(1);

    private readonly IPartitionOwners? _owners = services.GetService<IPartitionOwners>();
    private readonly ILogger _logger = logger.Guarded();
    private readonly StreamGrains _grainIds = new(manifests, GrainType.Create(GranaryNames.EventStreamGrainType));

    /// <summary>Applies a rule.</summary>
    /// <param name="category">The category.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="knowsTime">Whether the clock is right; where not, a rule that names days is not applied.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task RunAsync(
        string category, RetentionRule rule, bool knowsTime, CancellationToken cancellationToken)
    {
        if (rule.KeepDays is not null && !knowsTime) return;
        if (_grainIds.KeyKindOf(category) is null != rule.OfJsonStreams)
        {
            RetentionLog.OfOthers(_logger, category, rule.OfJsonStreams
                ? "it is the grain type of an aggregate, whose rule belongs into the silo that has the grains"
                : "no silo has grains of this type now; a rule for streams of JSON events says so by OfJsonStreams");
            return;
        }

        var catalog = services.GetRequiredService<IStreamCatalog>();
        var count = new Counts();
        StreamName? after = null;
        do
        {
            var start = time.GetTimestamp();
            var page = await catalog.ReadStreamsAsync(category, after, PageStreams, cancellationToken);
            foreach (var stream in page.Streams.Where(IsOwn)) await ApplyAsync(stream, rule, count, cancellationToken);
            after = page.Next;
            if (after is not null) await PauseAsync(start, cancellationToken);
        }
        while (after is not null);

        if (count.Failed > FailuresLoggedMax) RetentionLog.ManyNotTruncated(_logger, category, count.Failed);
        if (count.HeldBackBy is { } reader) RetentionLog.HeldBack(_logger, category, reader);
        if (count.Truncated > 0)
            RetentionLog.Applied(_logger, category, count.Truncated, count.Streams, count.HeldBack);
    }

    private bool IsOwn(StreamName stream) => _owners?.FindOther(store.PartitionOf(stream)) is null;

    private async Task ApplyAsync(
        StreamName stream, RetentionRule rule, Counts count, CancellationToken cancellationToken)
    {
        count.Streams++;
        var start = time.GetTimestamp();
        try
        {
            var head = await store.ReadHeadAsync(stream, cancellationToken);
            if (await FindBeforeAsync(head, rule, cancellationToken) is not { } before || before <= head.First) return;
            var grain = grains.GetGrain(_grainIds.GrainOf(stream)).AsReference<IRetentionExtension>();
            var how = new TruncateOptions { Seen = head, ArchivePath = rule.ArchivePath };
            var answer = await grain.Truncate(before, how, cancellationToken);
            if (answer.First > head.First) count.Truncated++;
            if (answer.HeldBackBy is null) return;
            count.HeldBack++;
            count.HeldBackBy = answer.HeldBackBy;
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            if (++count.Failed <= FailuresLoggedMax)
                RetentionLog.NotTruncated(_logger, fault, stream.Category, stream);
        }

        await PauseAsync(start, cancellationToken);
    }

    private Task PauseAsync(long start, CancellationToken cancellationToken)
    {
        var taken = time.GetElapsedTime(start);
        return Task.Delay(taken > PauseMax ? PauseMax : taken, time, cancellationToken);
    }

    // The version of the first event that stays; null where nothing is to be removed yet.
    private async ValueTask<StreamVersion?> FindBeforeAsync(
        StreamHead head, RetentionRule rule, CancellationToken cancellationToken)
    {
        if (head.Version == StreamVersion.Zero) return null;
        var first = rule.KeepEvents is { } keep ? FirstByCount(head, keep) : head.Version.Value;
        if (first <= head.First.Value || rule.KeepDays is not { } days) return new(first);
        var byTime = await FirstByTimeAsync(head, first, TimeSpan.FromDays(days), cancellationToken);
        return new(Math.Min(first, byTime));
    }

    private static long FirstByCount(StreamHead head, int keep)
    {
        var first = Math.Max(1, head.First.Value);
        var kept = head.Version.Value - first + 1;
        return kept > (long)keep + keep / 10 ? head.Version.Value - keep + 1 : first;
    }

    // Recorded time does not go back within a stream.
    private async ValueTask<long> FirstByTimeAsync(
        StreamHead head, long last, TimeSpan keep, CancellationToken cancellationToken)
    {
        var since = time.GetUtcNow() - keep;
        var (low, high) = (Math.Max(1, head.First.Value), last);
        if (low == 1 && head.Created >= since - keep / 10) return low;
        if (await TimeOfAsync(head.Stream, low, cancellationToken) >= since - keep / 10) return low;
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            if (await TimeOfAsync(head.Stream, middle, cancellationToken) >= since) high = middle;
            else low = middle + 1;
        }

        return low;
    }

    // A stream that was cleared meanwhile has nothing that is old.
    private async ValueTask<DateTimeOffset> TimeOfAsync(
        StreamName stream, long version, CancellationToken cancellationToken)
    {
        var page = await store.ReadStreamForwardAsync(stream, new(version - 1), 1, cancellationToken);
        return page.Events is [var found] ? found.Timestamp : DateTimeOffset.MaxValue;
    }

    private sealed class Counts
    {
        public int Streams { get; set; }

        public int Truncated { get; set; }

        public int HeldBack { get; set; }

        public int Failed { get; set; }

        public string? HeldBackBy { get; set; }
    }
}
