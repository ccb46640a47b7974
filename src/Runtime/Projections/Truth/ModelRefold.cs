namespace Granary.Runtime;

/// <summary>Folds models anew from their streams, and compares them with the rows of a build.</summary>
/// <param name="build">The build.</param>
/// <param name="store">The log.</param>
/// <param name="models">The rows.</param>
/// <param name="storeId">The log's id.</param>
/// <param name="eventsMax">A stream of more events is skipped.</param>
internal sealed class ModelRefold(
    PublishedBuild build, IEventStore store, IModelStore models, Guid storeId, int eventsMax)
{
    private const int TriesMax = 4;

    private enum Comparison
    {
        Same,
        Other,
        Impossible,
        Moved,
    }

    /// <summary>Compares the model of a key. It differs where it does so twice.</summary>
    public async ValueTask<RefoldOutcome> CheckAsync(string key, CancellationToken cancellationToken)
    {
        if (!build.Projection.TryGetStream(key, out var stream)) return RefoldOutcome.Skipped;
        var others = 0;
        for (var tries = 0; tries < TriesMax; tries++)
        {
            switch (await TryAsync(key, stream, cancellationToken))
            {
                case Comparison.Same: return RefoldOutcome.Equal;
                case Comparison.Impossible: return RefoldOutcome.Skipped;
                case Comparison.Other when ++others == 2: return RefoldOutcome.Differs;
            }
        }

        return RefoldOutcome.Skipped;
    }

    private async ValueTask<Comparison> TryAsync(string key, StreamName stream, CancellationToken cancellationToken)
    {
        try
        {
            return await CompareAsync(key, stream, cancellationToken);
        }
        catch (Exception fault) when (fault is StreamTruncatedException or LimitExceededException
            or ReplayFailedException)
        {
            return Comparison.Impossible;
        }
        catch (StoreUnavailableException)
        {
            // Also where the stream was cleared while it was read. Where the store is gone, the next call says so.
            return Comparison.Moved;
        }
    }

    // The row is the same before and after the checkpoint is read, and moves with it in one transaction: so it is what
    // the stream's events up to the checkpoint are folded into, and no others.
    private async ValueTask<Comparison> CompareAsync(
        string key, StreamName stream, CancellationToken cancellationToken)
    {
        if (await IsParkedAsync(stream, cancellationToken)) return Comparison.Impossible;
        var before = await ReadRowAsync(key, cancellationToken);
        var checkpoint = await models.ReadCheckpointAsync(build.Reader, store.PartitionOf(stream), cancellationToken);
        if (checkpoint is null || checkpoint.StoreId != storeId) return Comparison.Impossible;

        var events = new StreamPart(store, stream, checkpoint.Position, eventsMax);
        await events.CheckLengthAsync(cancellationToken);
        var folded = await build.Projection.FoldAsync(events.ReadAsync(cancellationToken), cancellationToken);
        var row = await ReadRowAsync(key, cancellationToken);
        if (row?.Revision != before?.Revision) return Comparison.Moved;
        if (AreSame(row, folded)) return Comparison.Same;

        // A stream that was cleared after the checkpoint has no event up to it, and its row is still there.
        if (events.Count > 0) return Comparison.Other;
        var head = await store.ReadHeadAsync(stream, cancellationToken);
        return head.Position.Position > checkpoint.Position ? Comparison.Impossible : Comparison.Other;
    }

    private static bool AreSame(ModelRow? row, FoldedModel? folded) => row is null || folded is null
        ? row is null && folded is null
        : BuildComparer.AreEqual(row.Document, folded.Document);

    private async ValueTask<bool> IsParkedAsync(StreamName stream, CancellationToken cancellationToken) =>
        (await models.ReadAsync(ReaderTables.Parked, [ParkedRow.KeyOf(build.Reader, stream)], cancellationToken))
        .Count > 0;

    private async ValueTask<ModelRow?> ReadRowAsync(string key, CancellationToken cancellationToken) =>
        (await models.ReadAsync(build.Table, [key], cancellationToken)).SingleOrDefault();
}
