namespace Granary.Cli;

/// <summary>
/// Truncates the streams of an import that were truncated where they come from: an event that follows a tombstone is
/// the first that was left. Without that, states would be folded from what is left as if nothing were missing.
/// </summary>
/// <param name="store">The store.</param>
internal sealed class ImportedTruncations(OpenedStore store)
{
    // Streams whose last event was a tombstone. Most of them are cleared later in the log.
    private readonly HashSet<StreamName> _removed = [];

    /// <summary>Looks at an append that is in the store.</summary>
    /// <param name="append">The append.</param>
    /// <param name="isFirst">
    /// Whether it is the first of its stream in this import, and not of the stream itself.
    /// </param>
    /// <param name="cancellationToken">Ends it.</param>
    public async ValueTask NoteAsync(CopiedAppend append, bool isFirst, CancellationToken cancellationToken)
    {
        var stream = append.First.Stream;
        if (append.Clears)
        {
            _removed.Remove(stream);
            return;
        }

        if (append.Events.FirstOrDefault(static one => !one.IsTombstone) is not { } left)
        {
            _removed.Add(stream);
            return;
        }

        var follows = _removed.Remove(stream) || left != append.First
            || (isFirst && await ReadAsync(stream, left.Version.Value - 1, cancellationToken) is { IsTombstone: true });
        if (!follows || await ReadAsync(stream, left.Version.Value, cancellationToken) is not { } here
            || here.Id != left.Id) return;
        await store.Events.TruncateAsync(new(stream, here.Version, here.Position), cancellationToken);
    }

    // Null where the stream has no such event any more.
    private async ValueTask<RecordedEvent?> ReadAsync(
        StreamName stream, long version, CancellationToken cancellationToken)
    {
        try
        {
            var page = await store.Events.ReadStreamForwardAsync(stream, new(version - 1), 1, cancellationToken);
            return page.Events is [var found] ? found : null;
        }
        catch (StreamTruncatedException)
        {
            return null;
        }
    }
}
