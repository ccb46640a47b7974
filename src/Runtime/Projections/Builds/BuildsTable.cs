using System.Text.Json;

namespace Granary.Runtime;

/// <summary>The builds of all projections as they are stored: a row a projection.</summary>
internal sealed class BuildsTable(IModelStore models)
{
    private const int TriesMax = 20;

    public static ModelTable Table { get; } = new("granary_builds");

    /// <summary>The builds of a projection; null where there is none yet.</summary>
    public async ValueTask<BuildsDocument?> ReadAsync(string projection, CancellationToken cancellationToken) =>
        (await ReadRowAsync(projection, cancellationToken)).Builds;

    /// <summary>The builds of some projections by their names, read together; of those that have any.</summary>
    public async ValueTask<IReadOnlyDictionary<string, BuildsDocument>> ReadAsync(
        IReadOnlyCollection<string> projections, CancellationToken cancellationToken)
    {
        var all = new Dictionary<string, BuildsDocument>(StringComparer.Ordinal);
        ModelCursor? after = null;
        do
        {
            var page = await models.QueryAsync(
                new ModelQuery(Table) { After = after, Limit = GranaryLimits.PageSizeMax }, cancellationToken);
            foreach (var row in page.Rows.Where(row => projections.Contains(row.Key))) all[row.Key] = Parse(row);
            after = page.Next;
        }
        while (after is not null);
        return all;
    }

    /// <summary>Changes the builds of a projection, where the change makes another of them.</summary>
    /// <param name="projection">The projection.</param>
    /// <param name="change">Returns what they become; null, or what it was given, for no change.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The builds afterwards; null where there are none.</returns>
    /// <exception cref="StoreUnavailableException">Others change them all the time.</exception>
    public async ValueTask<BuildsDocument?> ChangeAsync(
        string projection, Func<BuildsDocument?, BuildsDocument?> change, CancellationToken cancellationToken)
    {
        for (var tries = 0; tries < TriesMax; tries++)
        {
            var (row, before) = await ReadRowAsync(projection, cancellationToken);
            var after = change(before);
            if (after is null || ReferenceEquals(after, before)) return before;
            var document = JsonSerializer.SerializeToUtf8Bytes(after, BuildsJson.Default.BuildsDocument);
            var published = after.Published;
            if (before?.Published.Table != published.Table)
                await models.CreateTableAsync(published.ToTable(), cancellationToken);
            var commit = new ModelCommit(ModelWrite.Put(Table, projection, row, document, []))
            {
                View = before?.Published.Table == published.Table
                    ? null
                    : new ModelView(projection, published.ToTable()),
                Durable = true,
            };
            if (await models.CommitAsync(commit, cancellationToken) == ModelCommitOutcome.Committed) return after;
        }

        throw new StoreUnavailableException(
            $"The builds of '{projection}' were changed by others {TriesMax} times meanwhile. Try again.");
    }

    private async ValueTask<(ModelRow? Row, BuildsDocument? Builds)> ReadRowAsync(
        string projection, CancellationToken cancellationToken)
    {
        var row = (await models.ReadAsync(Table, [projection], cancellationToken)).SingleOrDefault();
        return row is null ? (null, null) : (row, Parse(row));
    }

    private static BuildsDocument Parse(ModelRow row) =>
        JsonSerializer.Deserialize(row.Document.Span, BuildsJson.Default.BuildsDocument)
        ?? throw new StoreCorruptException($"The builds of the projection '{row.Key}' cannot be read.");
}
