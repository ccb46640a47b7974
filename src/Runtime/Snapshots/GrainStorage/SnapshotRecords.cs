using System.Security.Cryptography;
using System.Text;
using Orleans.Storage;

namespace Granary.Runtime;

/// <summary>
/// Reads the records of snapshots of a grain storage, and changes them: what another process has changed since it was
/// read is never overwritten, because each write names the ETag of what it has read.
/// </summary>
/// <param name="storage">The grain storage; it is resolved when it is first used.</param>
/// <param name="name">Its name.</param>
/// <param name="events">The event store: its id is in the keys, since several stores may share a storage.</param>
/// <param name="time">The clock.</param>
internal sealed class SnapshotRecords(Func<IGrainStorage> storage, string name, IEventStore events, TimeProvider time)
{
    /// <summary>The name of the state in the storage. It is a format.</summary>
    public const string StateName = "granary-snapshots";

    // How often a record that others change is read again.
    private const int AttemptsMax = 16;

    // The type of the grains that the storage takes for the owners of the records. It is a format.
    private static readonly GrainType Owner = GrainType.Create("granary-stream");

    // A storage may try for minutes; who waits here is a grain that is activated, or the commit of a batch.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly Lazy<IGrainStorage> _storage = new(storage);
    private Guid _store;

    /// <summary>The record of a stream; an empty one where there is none.</summary>
    /// <exception cref="StoreUnavailableException">The storage cannot be reached now.</exception>
    public async ValueTask<SnapshotRecord> ReadAsync(StreamName stream, CancellationToken cancellationToken) =>
        (await LoadAsync(await OwnerOfAsync(stream, cancellationToken), cancellationToken)).State!;

    /// <summary>Changes the record of a stream.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="change">
    /// Changes what was read, and returns whether that is to be written; called again where another process was faster.
    /// </param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="StoreUnavailableException">The storage cannot be reached now.</exception>
    public async ValueTask UpdateAsync(
        StreamName stream, Func<SnapshotRecord, CancellationToken, ValueTask<bool>> change,
        CancellationToken cancellationToken)
    {
        var owner = await OwnerOfAsync(stream, cancellationToken);
        for (var attempt = 0; attempt < AttemptsMax; attempt++)
        {
            var record = await LoadAsync(owner, cancellationToken);
            record.State!.Stream = stream.ToString();
            if (!await change(record.State, cancellationToken)) return;
            if (await TryCallAsync(
                () => _storage.Value.WriteStateAsync(StateName, owner, record), "written", cancellationToken)) return;
        }

        throw new StoreUnavailableException(
            $"The record of the snapshots of {stream} in grain storage {name} was changed by others {AttemptsMax} "
            + "times while it was to be changed. Try again.");
    }

    /// <summary>
    /// The key of a stream's record: a hash, since storages restrict the length and the characters of their keys, and
    /// replace some or ignore their case.
    /// </summary>
    internal static GrainId OwnerOf(Guid store, StreamName stream)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{store:n}/{stream}"));
        return GrainId.Create(Owner, IdSpan.Create(Convert.ToHexStringLower(hash)));
    }

    private async ValueTask<GrainId> OwnerOfAsync(StreamName stream, CancellationToken cancellationToken)
    {
        if (_store == Guid.Empty) _store = (await events.InitializeAsync(cancellationToken)).StoreId;
        return OwnerOf(_store, stream);
    }

    private async ValueTask<GrainState<SnapshotRecord>> LoadAsync(GrainId owner, CancellationToken cancellationToken)
    {
        var record = new GrainState<SnapshotRecord>(new SnapshotRecord());
        if (!await TryCallAsync(
            () => _storage.Value.ReadStateAsync(StateName, owner, record), "read", cancellationToken))
        {
            throw new StoreUnavailableException(
                $"Grain storage {name} reports a conflict for a read of {owner}, which conflicts with nothing.");
        }

        record.State ??= new SnapshotRecord();
        return record;
    }

    // False where another process was faster. A call that takes too long goes on by itself, and what it writes late
    // names what it had read.
    private async ValueTask<bool> TryCallAsync(Func<Task> call, string what, CancellationToken cancellationToken)
    {
        try
        {
            await call().WaitAsync(Timeout, time, cancellationToken);
            return true;
        }
        catch (InconsistentStateException)
        {
            return false;
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StoreUnavailableException(
                $"The snapshots in grain storage {name} cannot be {what} now: {fault.Message}", fault);
        }
    }
}
