using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace Granary.Runtime;

/// <summary>
/// Reads a stream's snapshots, newest first, so that one that cannot be used does not hide an older one that can. A
/// store that fails ends the sequence: the caller replays the log. Where nothing is left to replay, it fails.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="logger">Receives what could not be read.</param>
/// <param name="isNeeded">Whether there is no other way to the state.</param>
internal sealed class SnapshotReader(ISnapshotStore store, ILogger logger, bool isNeeded = false)
{
    /// <summary>Reads the snapshots that meet both bounds.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="atMost">The greatest version wanted.</param>
    /// <param name="notAfter">The latest instant wanted, or null for any.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public async IAsyncEnumerable<Snapshot> ReadNewestFirstAsync(
        StreamName stream, StreamVersion atMost, DateTimeOffset? notAfter,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Beside those that are kept there may be one at which a truncated stream begins.
        for (var read = 0; read <= ISnapshotStore.KeptMax && atMost > StreamVersion.Zero; read++)
        {
            if (await TryReadAsync(stream, atMost, notAfter, cancellationToken) is not { } snapshot) yield break;
            yield return snapshot;

            // A store that does not keep to the bound cannot make this run in a circle.
            var next = Math.Min(snapshot.Version.Value, atMost.Value) - 1;
            atMost = new(Math.Max(0, next));
        }
    }

    private async ValueTask<Snapshot?> TryReadAsync(
        StreamName stream, StreamVersion atMost, DateTimeOffset? notAfter, CancellationToken cancellationToken)
    {
        try
        {
            return await store.ReadSnapshotAsync(stream, atMost, notAfter, cancellationToken);
        }
        catch (Exception fault) when (!isNeeded && !cancellationToken.IsCancellationRequested)
        {
            logger.SnapshotsNotRead(fault, stream);
            return null;
        }
    }
}
