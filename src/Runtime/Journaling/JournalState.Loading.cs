using System.Runtime.ExceptionServices;

namespace Granary.Runtime;

internal sealed partial class JournalState<TView, TEntry>
{
    /// <summary>Loads the state from the newest snapshot that matches, and what was appended after it.</summary>
    /// <param name="migrated">The state that came from another silo by migration, instead of a snapshot.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async ValueTask<bool> LoadAsync(MigratedState? migrated, CancellationToken cancellationToken)
    {
        Reset();
        await ReplayAsync(migrated, cancellationToken);
        if (MayAdopt) await AdoptAsync(cancellationToken);
        return true;
    }

    public async ValueTask<bool> IsAtHeadAsync(CancellationToken cancellationToken)
    {
        var head = await services.Store.ReadHeadAsync(Stream, cancellationToken);
        return head.Version == Version && (_version == 0 || head.Position == Position);
    }

    public async ValueTask<bool> ReadNewAsync(Action moved, CancellationToken cancellationToken)
    {
        if (await TryFoldNewAsync(moved, cancellationToken))
        {
            await ThrowIfPartlyAdoptedAsync(cancellationToken);
            return true;
        }

        // Another event is at our version, or none: the stream was cleared, or truncated after it. A read meanwhile
        // gets the old state, whole, until the new one is.
        var fresh = Fresh();
        await fresh.ReplayAsync(migrated: null, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        Adopt(fresh);
        moved();
        await ThrowIfPartlyAdoptedAsync(cancellationToken);
        return true;
    }

    /// <summary>
    /// What the events after a version and up to another decode to; null where the stream was cleared since they were
    /// confirmed: then there are fewer, or they stand after the confirmed state's last one.
    /// </summary>
    public async Task<IReadOnlyList<TEntry>?> ReadSegmentAsync(int fromVersion, int toVersion)
    {
        var entries = new List<TEntry>(Math.Min(toVersion - fromVersion, 1024));
        if (fromVersion == toVersion) return entries;
        var last = 0L;
        await foreach (var recorded in services.Store.ReadStreamAsync(
            Stream, new(fromVersion), CancellationToken.None))
        {
            if (recorded.Version.Value > toVersion) break;
            if (recorded.Position.Position > Position.Position) return null;
            codecs.Events.Decode(recorded, entries);
            last = recorded.Version.Value;
        }

        return last == toVersion ? entries : null;
    }

    private JournalState<TView, TEntry> Fresh() => new(host, new TView(), stream, context, services, codecs)
    {
        _commands = _commands is null ? null : new CommandMemory(),
    };

    private async Task<bool> TryFoldNewAsync(Action? moved, CancellationToken cancellationToken)
    {
        try
        {
            return await FoldNewAsync(moved, cancellationToken);
        }
        catch (StreamTruncatedException)
        {
            return false;
        }
    }

    private async Task ReplayAsync(MigratedState? migrated, CancellationToken cancellationToken)
    {
        var began = services.Time.GetTimestamp();
        var isMigrated = migrated is not null
            && await TryContinueAsync(migrated.ToSnapshot(), cancellationToken);
        if (!isMigrated)
        {
            var isFromSnapshot = await TryLoadFromSnapshotAsync(cancellationToken);
            if (!isFromSnapshot) await ReplayFromStartAsync(cancellationToken);
            if (codecs.States.IsSupported) services.Metrics.SnapshotLooked(hit: isFromSnapshot);
        }

        var took = services.Time.GetElapsedTime(began);
        var folded = _eventsSinceSnapshot;
        services.Metrics.Replayed(folded, took);
        if (folded > 0) _costPerEvent = took / folded;
        if (!isMigrated) return;

        // The stored snapshot is as old as it was before the migration.
        _eventsSinceSnapshot += migrated!.EventsSinceSnapshot;
        if (migrated.CostPerEvent > TimeSpan.Zero) _costPerEvent = migrated.CostPerEvent;
    }

    // A stream that was truncated has no start any more: a snapshot is the only way to its state. It may have been
    // truncated after its snapshots were read, or the store may have failed then: so they are read once more.
    private async Task ReplayFromStartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await FoldNewAsync(moved: null, cancellationToken);
        }
        catch (StreamTruncatedException truncated)
        {
            Reset();
            if (await TryLoadFromSnapshotAsync(cancellationToken, isNeeded: true)) return;
            if (_notReplayed is { } fault) ExceptionDispatchInfo.Throw(fault);
            if (!services.AcceptsOldSnapshots || !await TryLoadOldAsync(truncated.First, cancellationToken))
                throw new StateNotReadableException(Stream, truncated.First);
            services.Logger.OldSnapshotAccepted(Stream, truncated.First.Value);
        }
        finally
        {
            _notReplayed = null;
        }
    }

    // A snapshot is a shortcut: whatever is wrong with one, the next older one or the log is read instead.
    private async Task<bool> TryLoadFromSnapshotAsync(CancellationToken cancellationToken, bool isNeeded = false)
    {
        if (!codecs.States.IsSupported) return false;
        var reader = new SnapshotReader(services.Snapshots, services.Logger, isNeeded);
        await foreach (var snapshot in reader.ReadNewestFirstAsync(
            Stream, new(_last), notAfter: null, cancellationToken))
        {
            if (await TryContinueAsync(snapshot, cancellationToken)) return true;
        }

        return false;
    }

    // The one that took the place of what was removed, and no newer one: the events after it are folded by this code.
    private async Task<bool> TryLoadOldAsync(StreamVersion first, CancellationToken cancellationToken)
    {
        var snapshot = await services.Snapshots.ReadSnapshotAsync(Stream, first, null, cancellationToken);
        return snapshot?.Version == first && await TryContinueAsync(snapshot, cancellationToken, ofOtherCode: true);
    }

    // False, with the state reset, where the snapshot cannot be used.
    private async Task<bool> TryContinueAsync(
        Snapshot snapshot, CancellationToken cancellationToken, bool ofOtherCode = false)
    {
        try
        {
            if (Adopt(snapshot, ofOtherCode) && await TryFoldNewAsync(moved: null, cancellationToken)) return true;
            services.Logger.SnapshotIgnored(Stream, snapshot.Version.Value);
        }
        catch (ReplayFailedException fault)
        {
            // The state in the snapshot may be at fault; if it is the event, the replay from the start fails as well.
            services.Logger.SnapshotNotRead(fault, Stream, snapshot.Version.Value);
            _notReplayed = fault;
        }

        Reset();
        return false;
    }

    /// <summary>
    /// Folds what the store has after the confirmed version. False, with the state as it was, where the event that the
    /// state ends with is not where it was: the stream was cleared since.
    /// </summary>
    private async Task<bool> FoldNewAsync(Action? moved, CancellationToken cancellationToken)
    {
        var known = _version == 0;
        var events = services.Store.ReadStreamAsync(Stream, new(Math.Max(0, _version - 1)), cancellationToken);
        await foreach (var chunk in EventChunk<TEntry>.ReadAsync(
            events, codecs.Events, after: _version, cancellationToken))
        {
            // Whose time ran out is not waited for any more: what it reads then must not change the state.
            cancellationToken.ThrowIfCancellationRequested();
            var before = _version;
            for (var at = 0; at < chunk.Count; at++)
            {
                var recorded = chunk[at];
                if (recorded.Version.Value > _last) return known;
                if (known)
                {
                    FoldNext(recorded, chunk.EventsOf(at));
                    continue;
                }

                if (recorded.Version.Value != _version || recorded.Position != Position) return false;
                known = true;
            }

            if (_version == before) continue;
            _adoption = AdoptionMark.ProgressAt(chunk[chunk.Count - 1].Metadata);
            moved?.Invoke();
        }

        return known;
    }

    private void FoldNext(RecordedEvent recorded, ReadOnlySpan<TEntry> entries)
    {
        if (recorded.Version.Value != _version + 1)
            throw new StoreCorruptException(
                $"Stream {Stream} continues at version {recorded.Version} after version {_version}.");
        try
        {
            Fold(_confirmed, recorded, entries);
        }
        catch (ReplayFailedException fault)
        {
            _notApplied = fault;
            throw;
        }

        _commands?.AddFrom(recorded.Metadata);
        _version = recorded.Version.Value;
        MoveTo(recorded.Position, recorded.Timestamp);
        _eventsSinceSnapshot++;
    }

    private void Adopt(JournalState<TView, TEntry> fresh)
    {
        DropTentative();
        (_confirmed, _version) = (fresh._confirmed, fresh._version);
        (_position, _latestUtcTicks, _adoption) = (fresh._position, fresh._latestUtcTicks, fresh._adoption);
        (_eventsSinceSnapshot, _costPerEvent) = (fresh._eventsSinceSnapshot, fresh._costPerEvent);
        _commands?.ReplaceWith(fresh._commands!);
    }

    private bool Adopt(Snapshot snapshot, bool ofOtherCode)
    {
        if (TryDecode(snapshot, ofOtherCode) is not { } payload) return false;
        _confirmed = payload.State;
        _version = snapshot.Version.Value;
        _position = snapshot.Position.Position;
        _latestUtcTicks = snapshot.Timestamp.UtcTicks;
        _commands?.Restore(payload.Commands);
        return true;
    }
}
