using Microsoft.Extensions.DependencyInjection;

namespace Granary.Runtime;

/// <summary>
/// The readers of the log that have a checkpoint: they hold back what they have not passed. Of a reader that this silo
/// has the code of, it is known which streams it takes events of; its workers record it, as other silos may have other
/// code of it.
/// </summary>
internal sealed class LogReaders(IServiceProvider services)
{
    private readonly ICheckpointStore? _checkpoints = services.GetService<ICheckpointStore>();
    private readonly IModelStore? _models = services.GetService<IModelStore>();
    private readonly BegunReaders? _begun =
        services.GetService<IModelStore>() is { } models ? new BegunReaders(models) : null;
    private readonly DurableCheckpoints? _durable =
        services.GetService<IModelStore>() is { } durable ? new DurableCheckpoints(durable) : null;

    /// <summary>
    /// Of the readers that may take events of a stream, the one that is furthest behind in the stream's partition; null
    /// where there is none. One that has a checkpoint in another partition alone stands at the start of this one.
    /// </summary>
    public async ValueTask<LogReader?> FindFurthestBehindAsync(
        StreamName stream, LogPartition partition, CancellationToken cancellationToken)
    {
        var all = new List<(string Name, LogPosition At)>();
        IReadOnlyList<ModelCheckpoint> ofModels = [];
        if (_checkpoints is not null)
            all.AddRange((await _checkpoints.ReadAllAsync(cancellationToken))
                .Select(static one => (one.Name, new LogPosition(one.Partition, one.Position))));
        if (_models is not null) ofModels = await _models.ReadCheckpointsAsync(cancellationToken);
        all.AddRange(ofModels.Select(static one => (one.Name, new LogPosition(one.Partition, one.Position))));
        var takers = await FindTakersAsync(
            [.. all.Select(static one => one.Name).Distinct()], stream, partition, cancellationToken);
        var readers = all.GroupBy(static one => one.Name).Where(of => takers.Contains(of.Key))
            .Select(of => new LogReader(
                of.Key, of.FirstOrDefault(one => one.At.Partition == partition).At.Position));
        var found = readers.Concat(await ReadParkedAsync(stream, partition, cancellationToken))
            .MinBy(static one => one.Position.Value);
        if (_durable is not null) await _durable.KeepAsync(ofModels, cancellationToken);
        return found;
    }

    // Those that take nothing of the stream in this silo may do so where newer or older code of theirs runs.
    private async ValueTask<HashSet<string>> FindTakersAsync(
        IReadOnlyList<string> names, StreamName stream, LogPartition partition, CancellationToken cancellationToken)
    {
        var filters = await ReadFiltersAsync(cancellationToken);
        var others = names.Where(one => filters.TryGetValue(one, out var filter) && !MayTake(filter, stream)).ToList();
        var takers = names.Except(others).ToHashSet();
        if (_begun is null || others.Count == 0) return takers;
        foreach (var (name, begun) in await _begun.ReadAsync(others, partition, cancellationToken))
        {
            if (!begun.Document.IsSame(BegunDocument.Of(filters[name]))
                && begun.Document.Categories?.Contains(stream.Category) != false) takers.Add(name);
        }

        return takers;
    }

    // One of which no code is here may take anything.
    private async ValueTask<Dictionary<string, LogFilter>> ReadFiltersAsync(CancellationToken cancellationToken)
    {
        if (services.GetService<WorkerRegistry>() is not { } registry) return [];
        return (await registry.ReadAsync(cancellationToken)).ToDictionary(
            static one => one.Name, static one => one.Filter);
    }

    // Which types of events the stream has is not known.
    private static bool MayTake(LogFilter filter, StreamName stream) =>
        filter.Takes(stream, filter.EventTypes?.FirstOrDefault() ?? "");

    // A parked stream's events wait for their reader, from the one that could not be handled.
    private async ValueTask<IReadOnlyList<LogReader>> ReadParkedAsync(
        StreamName stream, LogPartition partition, CancellationToken cancellationToken)
    {
        if (_models is null) return [];
        var parked = new List<LogReader>();
        ModelCursor? after = null;
        do
        {
            var page = await _models.QueryAsync(
                new ModelQuery(ReaderTables.Parked)
                {
                    Conditions =
                    [
                        new ModelCondition(
                            ReaderTables.ParkedPartition, ModelComparison.Equal, (long)partition.Value),
                    ],
                    After = after,
                    Limit = GranaryLimits.PageSizeMax,
                },
                cancellationToken);
            parked.AddRange(page.Rows.Select(static row => ParkedRow.Of(row)).Where(one => one.Stream == stream).Select(
                static one => new LogReader(
                    one.Document.Reader, new GlobalPosition(one.Document.First - 1))));
            after = page.Next;
        }
        while (after is not null);
        return parked;
    }
}

/// <summary>How far a reader has come in a partition.</summary>
internal sealed record LogReader(string Name, GlobalPosition Position);
