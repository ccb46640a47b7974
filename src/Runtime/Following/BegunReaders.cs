using System.Text.Json;

namespace Granary.Runtime;

/// <summary>What is recorded of the readers that have begun, a row for each partition.</summary>
internal sealed class BegunReaders(IModelStore models)
{
    private volatile bool _hasTable;

    /// <summary>What is recorded of some readers in a partition.</summary>
    public async ValueTask<IReadOnlyDictionary<string, BegunRow>> ReadAsync(
        IReadOnlyCollection<string> readers, LogPartition partition, CancellationToken cancellationToken)
    {
        if (!_hasTable) await models.CreateTableAsync(ReaderTables.Begun, cancellationToken);
        _hasTable = true;
        var found = new Dictionary<string, BegunRow>(StringComparer.Ordinal);
        foreach (var page in readers.Chunk(GranaryLimits.PageSizeMax))
        {
            var names = page.ToDictionary(one => ReaderKeys.Of(one, partition), StringComparer.Ordinal);
            foreach (var row in await models.ReadAsync(ReaderTables.Begun, names.Keys, cancellationToken))
                found[names[row.Key]] = BegunRow.Of(row);
        }

        return found;
    }

    /// <summary>
    /// The changes that record that a reader's worker begins in a partition: none where they are recorded. They belong
    /// into the commit that takes its checkpoint over.
    /// </summary>
    /// <exception cref="CheckpointDeletedException">It begins anew, and has filled its tables before.</exception>
    public async ValueTask<IReadOnlyList<ModelWrite>> BeginAsync(
        WorkerDefinition definition, LogPartition partition, bool isNew, CancellationToken cancellationToken)
    {
        var all = await ReadAsync([definition.Name], partition, cancellationToken);
        var row = all.GetValueOrDefault(definition.Name);
        if (isNew && row is not null && definition.Kind == ReaderKind.Projection)
            throw new CheckpointDeletedException(definition.Name, partition);
        var document = BegunDocument.Of(definition.Filter);
        return row?.Document.IsSame(document) == true
            ? []
            : [BegunRow.Put(definition.Name, partition, row?.Row, document)];
    }
}

/// <summary>The row of a reader that has begun.</summary>
internal sealed record BegunRow(ModelRow Row, BegunDocument Document)
{
    public static BegunRow Of(ModelRow row) => new(
        row,
        JsonSerializer.Deserialize(row.Document.Span, ReaderJson.Default.BegunDocument)
        ?? throw new StoreCorruptException($"The row '{row.Key}' of '{ReaderTables.Begun.Name}' has no document."));

    public static ModelWrite Put(string reader, LogPartition partition, ModelRow? row, BegunDocument document) =>
        ModelWrite.Put(
            ReaderTables.Begun,
            ReaderKeys.Of(reader, partition),
            row,
            JsonSerializer.SerializeToUtf8Bytes(document, ReaderJson.Default.BegunDocument),
            [reader]);
}

/// <summary>A reader that has begun.</summary>
/// <param name="Categories">The categories of streams that its worker took last; null for all.</param>
internal sealed record BegunDocument(IReadOnlyList<string>? Categories)
{
    public static BegunDocument Of(LogFilter filter) =>
        new(filter.Categories is { } all ? [.. all.Order(StringComparer.Ordinal)] : null);

    public bool IsSame(BegunDocument other) => Categories is null || other.Categories is null
        ? Categories is null && other.Categories is null
        : Categories.SequenceEqual(other.Categories, StringComparer.Ordinal);
}
