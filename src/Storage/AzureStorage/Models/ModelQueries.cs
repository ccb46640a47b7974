using System.Collections.Concurrent;

namespace Granary.Storage.AzureStorage;

/// <summary>
/// Reads pages of rows. The service finds rows by their keys alone: by a column, all rows between the keys that are
/// asked for are looked at, without their documents, and no more are remembered than a page has.
/// </summary>
internal sealed class ModelQueries(AzureAccount account, ModelRows rows)
{
    public async Task<ModelPage> QueryAsync(ModelQuery query, string partition, CancellationToken cancellationToken)
    {
        while (true)
        {
            var found = await FindAsync(query, partition, cancellationToken).ConfigureAwait(false);
            var taken = Take(found, query.Limit);
            var page = await LoadAsync(query, partition, taken, taken.Count < found.Count, cancellationToken)
                .ConfigureAwait(false);
            if (page.Rows.Count > 0 || page.Next is null) return page;

            // All of them were deleted or changed since they were found.
            query = query with { After = page.Next };
        }
    }

    // One more than the page has, where there is one.
    private async Task<List<Found>> FindAsync(ModelQuery query, string partition, CancellationToken cancellationToken)
    {
        var order = new FoundOrder(query);
        var (after, through) = BoundsOf(query);
        var inOrder = query is { OrderBy: null, Descending: false };
        var range = new TableRange(partition, after, through)
        {
            Select = inOrder ? null : StoredModel.WithoutDocuments,
            PageSize = inOrder && query.Conditions.Count == 0 ? query.Limit + 1 : TableRange.PageMax,
        };
        var best = new SortedSet<Found>(order);
        var counted = new ConcurrentDictionary<Guid, bool>();
        var bytes = 0L;
        await foreach (var entity in range.ReadAsync(account, cancellationToken).ConfigureAwait(false))
        {
            // Keys with the same ordered part are in no order.
            if (inOrder && best.Max is { } last && (best.Count > query.Limit || bytes > GranaryLimits.PageBytesMax)
                && ModelKeys.OrderedPart(entity.RowKey) != ModelKeys.OrderedPart(ModelKeys.OfRow(last.Key))) break;
            var row = StoredModel.Read(entity);
            var content = await rows.ReadAsync(row, counted, cancellationToken).ConfigureAwait(false);
            if (content is null || !Meets(query, row.Key, content)) continue;
            var one = new Found(row.Key, order.ValueOf(content), content);
            if (!order.IsAfter(one)) continue;
            best.Add(one);
            bytes += content.Length;
            if (best.Count > query.Limit + 1) best.Remove(best.Max!);
        }

        return [.. best];
    }

    private static (string After, string Through) BoundsOf(ModelQuery query)
    {
        var (after, through) = ("", ModelKeys.End);
        if (query is { OrderBy: null, After.Key: var key })
        {
            if (query.Descending) through = ModelKeys.Through(key);
            else after = ModelKeys.Before(key, isIncluded: false);
        }

        foreach (var one in query.Conditions.Where(static one => one.Column is null))
        {
            var other = (string)one.Value!;
            if (one.Comparison is ModelComparison.Equal or ModelComparison.Greater or ModelComparison.GreaterOrEqual)
                after = Max(after, ModelKeys.Before(other, one.Comparison != ModelComparison.Greater));
            if (one.Comparison is ModelComparison.Equal or ModelComparison.Less or ModelComparison.LessOrEqual
                && ModelKeys.Through(other) is var last && string.CompareOrdinal(last, through) < 0)
                through = last;
        }

        return (after, through);
    }

    private static string Max(string one, string other) => string.CompareOrdinal(one, other) > 0 ? one : other;

    private static List<Found> Take(List<Found> found, int limit)
    {
        var (taken, bytes) = (new List<Found>(), 0L);
        foreach (var one in found)
        {
            bytes += one.Content.Length;
            if (taken.Count == limit || (taken.Count > 0 && bytes > GranaryLimits.PageBytesMax)) break;
            taken.Add(one);
        }

        return taken;
    }

    // A row that was changed since it was found is as it is now. One that is on another page now is left out.
    private async Task<ModelPage> LoadAsync(
        ModelQuery query, string partition, List<Found> taken, bool hasMore, CancellationToken cancellationToken)
    {
        var byKey = taken.Where(static one => one.Content.Document is not null)
            .ToDictionary(static one => one.Key, static one => (one.Content, one.Content.Document!.Value));
        string[] others = [.. taken.Select(static one => one.Key).Where(key => !byKey.ContainsKey(key))];
        foreach (var (key, content, document) in await rows.LoadAsync(partition, others, cancellationToken)
            .ConfigureAwait(false)) byKey[key] = (content, document);

        var order = new FoundOrder(query);
        var now = new SortedSet<Found>(order);
        foreach (var one in taken)
        {
            if (!byKey.TryGetValue(one.Key, out var there) || !Meets(query, one.Key, there.Content)) continue;
            var moved = new Found(one.Key, order.ValueOf(there.Content), there.Content);
            if (order.IsAfter(moved) && (!hasMore || order.Compare(moved, taken[^1]) <= 0)) now.Add(moved);
        }

        var (page, bytes, last) = (new List<ModelRow>(), 0L, default(Found));
        foreach (var one in now)
        {
            var (content, document) = byKey[one.Key];
            bytes += document.Length;
            if (page.Count > 0 && bytes > GranaryLimits.PageBytesMax)
                return new ModelPage(page, new ModelCursor(last!.Value, last.Key));
            page.Add(new ModelRow(one.Key, document, content.Position, content.Revision));
            last = one;
        }

        return new ModelPage(page, hasMore ? new ModelCursor(taken[^1].Value, taken[^1].Key) : null);
    }

    private static bool Meets(ModelQuery query, string key, ModelContent content) =>
        query.Conditions.All(one => ModelOrder.IsTrue(one, query.Table, key, content.Values));

    /// <summary>A row that a query has found, and what orders it; where the key orders, with its document.</summary>
    private sealed record Found(string Key, object? Value, ModelContent Content);

    private sealed class FoundOrder(ModelQuery query) : IComparer<Found>
    {
        private readonly int _sign = query.Descending ? -1 : 1;
        private readonly int _at = query.OrderBy is { } column ? ModelOrder.IndexOf(query.Table, column) : -1;

        public object? ValueOf(ModelContent content) => _at < 0 ? null : content.Values[_at];

        public bool IsAfter(Found one) =>
            query.After is not { } cursor || Compare(one, new Found(cursor.Key, cursor.Value, null!)) > 0;

        public int Compare(Found? left, Found? right)
        {
            var order = ModelOrder.Compare(left!.Value, right!.Value);
            return _sign * (order != 0 ? order : Utf8Order.Compare(left.Key, right.Key));
        }
    }
}
