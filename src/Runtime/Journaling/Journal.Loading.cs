using System.Runtime.InteropServices;

namespace Granary.Runtime;

internal sealed partial class Journal<TView, TEntry>
{
    // Of a thread, not of an activation: it is taken, filled and given back within one call.
    [ThreadStatic] private static List<TEntry>? _decoded;

    private bool _isFresh;
    private long _eventsSinceSnapshot;
    private TimeSpan _costPerEvent;

    public void Fold(object state, RecordedEvent recorded) => Fold((TView)state, recorded);

    public object? DecodeSnapshot(Snapshot snapshot) => TryDecode(snapshot) is { } payload ? payload.State : null;

    public async Task<IReadOnlyList<TEntry>> RetrieveLogSegment(int fromVersion, int toVersion)
    {
        var entries = new List<TEntry>(Math.Min(toVersion - fromVersion, 1024));
        if (fromVersion == toVersion) return entries;
        await foreach (var recorded in _services.Store.ReadStreamAsync(Stream, new(fromVersion),
            CancellationToken.None))
        {
            if (recorded.Version.Value > toVersion) break;
            _codec.Decode(recorded, entries);
        }

        return entries;
    }

    private async Task LoadAsync()
    {
        var handedOver = _context.GetComponent<MigrationHandover>()?.TakeOver();
        try
        {
            await LoadOnceAsync(handedOver, CancellationToken.None);
        }
        catch (StoreUnavailableException fault)
        {
            await RecoverAsync(fault, token => LoadOnceAsync(handedOver, token));
        }

        if (_version > 0) NotifyChanged(tentative: true, confirmed: true);
        BeFreshInThisTurn();
    }

    // JournaledGrain's own OnActivateAsync refreshes in the very turn in which the load ends. Nothing that the load did
    // not see can have been heard of by then, so that is not read again; from the next turn on it is.
    private void BeFreshInThisTurn()
    {
        _isFresh = true;
        _context.Scheduler.QueueAction(static journal => ((Journal<TView, TEntry>)journal)._isFresh = false, this);
    }

    private async ValueTask<bool> LoadOnceAsync(Snapshot? handedOver, CancellationToken token)
    {
        ResetToStart();
        await ReplayAsync(handedOver, token);
        return true;
    }

    private async Task RefreshAsync()
    {
        var wanted = _refreshesWanted;
        var (version, position) = (_version, _position);
        await ReadBehindAsync();
        _refreshesDone = wanted;
        if (version == _version && position == _position) return;
        _tentative = null;
        NotifyChanged(tentative: true, confirmed: true);
    }

    private async Task ReadBehindAsync() => await RetriedAsync(async token =>
    {
        if (await FoldBehindAsync(token)) return true;

        // What stood at our version stands there no more: the stream was cleared.
        return await LoadOnceAsync(handedOver: null, token);
    });

    private async Task ReplayAsync(Snapshot? handedOver, CancellationToken token)
    {
        var began = _services.Time.GetTimestamp();
        var snapshot = handedOver;
        if (snapshot is null && _stateCodec.IsSupported)
            snapshot = await _services.Snapshots.ReadSnapshotAsync(Stream, new(long.MaxValue), notAfter: null, token);

        var usable = snapshot is not null && Adopt(snapshot) && await FoldBehindAsync(token);
        if (!usable)
        {
            if (snapshot is not null) _services.Logger.SnapshotIgnored(Stream, snapshot.Version.Value);
            ResetToStart();
            await FoldBehindAsync(token);
        }

        if (handedOver is null && _stateCodec.IsSupported) _services.Metrics.SnapshotLooked(hit: usable);
        var took = _services.Time.GetElapsedTime(began);
        if (_eventsSinceSnapshot > 0) _costPerEvent = took / _eventsSinceSnapshot;
        _services.Metrics.Replayed(_eventsSinceSnapshot, took);
    }

    /// <summary>
    /// Folds what stands behind the confirmed version. False, with the state as it was, where the event that the state
    /// ends with is not where it was: it is of a life that was cleared.
    /// </summary>
    private async Task<bool> FoldBehindAsync(CancellationToken token)
    {
        var known = _version == 0;
        var events = _services.Store.ReadStreamAsync(Stream, new(Math.Max(0, _version - 1)), token);
        await foreach (var chunk in EventChunk<TEntry>.ReadAsync(events, _codec, behind: _version, token))
        {
            for (var at = 0; at < chunk.Count; at++)
            {
                var recorded = chunk[at];
                if (known)
                {
                    FoldNext(recorded, chunk.EventsOf(at));
                    continue;
                }

                if (recorded.Version.Value != _version || recorded.Position != _position) return false;
                known = true;
            }
        }

        return known;
    }

    private void FoldNext(RecordedEvent recorded, ReadOnlySpan<TEntry> entries)
    {
        if (recorded.Version.Value != _version + 1)
            throw new StoreCorruptException(
                $"Stream {Stream} goes on at version {recorded.Version} behind version {_version}.");
        Fold(_confirmed, recorded, entries);
        _commandHost?.Commands.Learn(recorded.Metadata);
        _version = recorded.Version.Value;
        _position = recorded.Position;
        if (recorded.Timestamp > _latest) _latest = recorded.Timestamp;
        _eventsSinceSnapshot++;
    }

    private void Fold(TView view, RecordedEvent recorded)
    {
        var decoded = Decode(recorded);
        Fold(view, recorded, CollectionsMarshal.AsSpan(decoded));
        _decoded = decoded;
    }

    private void Fold(TView view, RecordedEvent recorded, ReadOnlySpan<TEntry> entries)
    {
        foreach (var entry in entries)
        {
            try
            {
                Apply(view, entry);
            }
            catch (Exception fault)
            {
                throw new ReplayFailedException(recorded, $"Apply threw: {fault.Message}", fault);
            }
        }
    }

    private List<TEntry> Decode(RecordedEvent recorded)
    {
        var decoded = _decoded ?? [];
        _decoded = null;
        decoded.Clear();
        _codec.Decode(recorded, decoded);
        return decoded;
    }

    private void ResetToStart()
    {
        _confirmed = new TView();
        _tentative = null;
        _version = 0;
        _position = LogPosition.StartOf(_position.Partition);
        _latest = default;
        _eventsSinceSnapshot = 0;
        _commandHost?.Commands.Clear();
    }

    private bool Adopt(Snapshot snapshot)
    {
        if (TryDecode(snapshot) is not { } payload) return false;
        _confirmed = payload.State;
        _version = snapshot.Version.Value;
        _position = snapshot.Position;
        _latest = snapshot.Timestamp;
        _commandHost?.Commands.Restore(payload.Commands.Span);
        return true;
    }
}
