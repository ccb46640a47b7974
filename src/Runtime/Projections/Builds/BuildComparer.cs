using System.Text.Json;

namespace Granary.Runtime;

/// <summary>Compares the rows of two tables, in pages by key: neither is held whole in memory.</summary>
internal sealed class BuildComparer(IModelStore models)
{
    /// <summary>How many of the rows that differ are named.</summary>
    public const int NamedMax = 100;

    // A model may be deeper than a document is by default.
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 1_000 };

    /// <summary>Compares them.</summary>
    /// <param name="old">The table that served queries.</param>
    /// <param name="built">The new one.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async ValueTask<ComparisonDocument> CompareAsync(
        ModelTable old, ModelTable built, CancellationToken cancellationToken)
    {
        var named = new List<BuildDifference>();
        var count = 0L;
        await using var left = ReadAsync(old, cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using var right = ReadAsync(built, cancellationToken).GetAsyncEnumerator(cancellationToken);
        var (hasLeft, hasRight) = (await left.MoveNextAsync(), await right.MoveNextAsync());
        while (hasLeft || hasRight)
        {
            var order = !hasLeft ? 1 : !hasRight ? -1 : Utf8Order.Compare(left.Current.Key, right.Current.Key);
            if (order < 0) Add(left.Current.Key, DifferenceKind.Removed);
            else if (order > 0) Add(right.Current.Key, DifferenceKind.Added);
            else if (!AreEqual(left.Current.Document, right.Current.Document))
                Add(left.Current.Key, DifferenceKind.Changed);
            if (order <= 0) hasLeft = await left.MoveNextAsync();
            if (order >= 0) hasRight = await right.MoveNextAsync();
        }

        return new ComparisonDocument(count, named);

        void Add(string key, DifferenceKind kind)
        {
            count++;
            if (named.Count < NamedMax) named.Add(new BuildDifference(key, kind));
        }
    }

    private async IAsyncEnumerable<ModelRow> ReadAsync(
        ModelTable table, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ModelCursor? after = null;
        do
        {
            var page = await models.QueryAsync(
                new ModelQuery(table) { After = after, Limit = GranaryLimits.PageSizeMax }, cancellationToken);
            foreach (var row in page.Rows) yield return row;
            after = page.Next;
        }
        while (after is not null);
    }

    /// <summary>Whether two documents are equal as JSON. One that is no JSON equals none with other bytes.</summary>
    public static bool AreEqual(ReadOnlyMemory<byte> left, ReadOnlyMemory<byte> right)
    {
        if (left.Span.SequenceEqual(right.Span)) return true;
        try
        {
            using var first = JsonDocument.Parse(left, Options);
            using var second = JsonDocument.Parse(right, Options);
            return JsonElement.DeepEquals(first.RootElement, second.RootElement);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // Somebody else has written it: half a document, or half a character, which is found when it is compared.
            return false;
        }
    }
}
