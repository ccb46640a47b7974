namespace Granary.Runtime;

/// <summary>The parked streams of a reader in a partition, as its worker knows them and as they are stored.</summary>
internal sealed class ParkedStreams(IModelStore models, string reader, LogPartition partition)
{
    /// <summary>How many streams a reader parks in a partition; it stops before it parks more.</summary>
    public const int CountMax = 1_000;

    private readonly Dictionary<StreamName, ParkedRow> _rows = [];

    public int Count => _rows.Count;

    public bool Contains(StreamName stream) => _rows.ContainsKey(stream);

    /// <summary>Those that the worker is asked to retry or to drop.</summary>
    public IReadOnlyList<ParkedRow> Requested =>
        [.. _rows.Values.Where(static one => one.Document.Request != ParkedRequest.None)];

    public ParkedRow? Find(StreamName stream) => _rows.GetValueOrDefault(stream);

    /// <summary>A stream is parked no more as soon as what is being committed is stored.</summary>
    public void Forget(StreamName stream) => _rows.Remove(stream);

    /// <summary>Reads them as they are stored.</summary>
    public async ValueTask LoadAsync(CancellationToken cancellationToken)
    {
        _rows.Clear();
        ModelCursor? after = null;
        do
        {
            var page = await models.QueryAsync(
                new ModelQuery(ReaderTables.Parked)
                {
                    Conditions =
                    [
                        new ModelCondition(ReaderTables.ParkedReader, ModelComparison.Equal, reader),
                        new ModelCondition(
                            ReaderTables.ParkedPartition, ModelComparison.Equal, (long)partition.Value),
                    ],
                    After = after,
                    Limit = GranaryLimits.PageSizeMax,
                },
                cancellationToken);
            foreach (var one in page.Rows.Select(ParkedRow.Of)) _rows[one.Stream] = one;
            after = page.Next;
        }
        while (after is not null);
    }
}
