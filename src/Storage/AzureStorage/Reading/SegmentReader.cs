namespace Granary.Storage.AzureStorage;

/// <summary>Reads segments from rows and blobs.</summary>
internal sealed class SegmentReader(AzureBlobs blobs)
{
    /// <summary>A segment; null where its blob is gone: the row that points to it was replaced since it was read.
    /// </summary>
    public async ValueTask<Segment?> FindAsync(StoredSegment stored, CancellationToken cancellationToken)
    {
        if (stored.Blob is null) return Segment.Read(stored.Bytes!);
        return await blobs.FindAsync(stored.Blob, cancellationToken).ConfigureAwait(false) is { } bytes
            ? Segment.Read(bytes)
            : null;
    }
}
