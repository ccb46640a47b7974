namespace Granary.Runtime;

/// <remarks>
/// How a stream that is empty gets the events that its grain has with Orleans' own provider. The store's check of the
/// version decides between two silos; the mark of the last event tells whether there is more to append. So whoever
/// loads the stream goes on where another one ended, and no grain that is active has a part of its events.
/// </remarks>
internal sealed partial class JournalState<TView, TEntry>
{
    // A log that grows as often while it is adopted is in use.
    private const int RoundsMax = 10;

    private AdoptionProgress _adoption;

    private bool MayAdopt => _version == 0 || _adoption == AdoptionProgress.Unfinished;

    private AdoptionSource? FindSource() => services.Adoptions.Find(host, typeof(TView));

    private async ValueTask ThrowIfPartlyAdoptedAsync(CancellationToken cancellationToken)
    {
        if (_adoption != AdoptionProgress.Unfinished) return;
        var storage = "";
        await foreach (var last in services.Store.ReadStreamAsync(Stream, new(_version - 1), cancellationToken))
        {
            storage = last.Metadata.Find(MetadataNames.AdoptedFrom) ?? "";
            break;
        }

        throw new AdoptionFailedException(
            Stream, storage,
            $"the stream ends at version {Version}, and the log goes on. Register AdoptLogStorage in every silo that "
            + "the grain may be on; the next call of the grain then adopts the rest.");
    }

    private async Task AdoptAsync(CancellationToken cancellationToken)
    {
        if (FindSource() is not { } source)
        {
            await ThrowIfPartlyAdoptedAsync(cancellationToken);
            return;
        }

        if (await ReadFirstAsync(source, cancellationToken) is not { } old) return;
        for (var round = 1; await AppendAllAsync(source, old, cancellationToken); round++)
        {
            // What another silo wrote meanwhile is found now; later it would not be.
            var now = await source.ReadAsync<TView, TEntry>(Stream, context.GrainId);
            if (now.ETag == old.ETag && now.Count == old.Count)
            {
                services.Logger.Adopted(Stream, old.Count, source.Storage);
                return;
            }

            if (now.Count <= old.Count || _version != old.Count || round == RoundsMax)
                throw InUse(source);
            services.Logger.OldLogGrew(Stream, now.Count, source.Storage);
            old = now;
        }
    }

    // Null where there is nothing to adopt. A stream that was cleared starts empty whatever the storage has, and also
    // where it is not there any more.
    private async Task<OldLog<TEntry>?> ReadFirstAsync(AdoptionSource source, CancellationToken cancellationToken)
    {
        try
        {
            var old = await source.ReadAsync<TView, TEntry>(Stream, context.GrainId);
            if (_version > 0) return old;
            return old.Count == 0 || await IsClearedAsync(cancellationToken) ? null : old;
        }
        catch (AdoptionFailedException)
        {
            if (_version == 0 && await IsClearedAsync(cancellationToken)) return null;
            throw;
        }
    }

    // False where the stream was cleared: then nothing is adopted any more.
    private async Task<bool> AppendAllAsync(
        AdoptionSource source, OldLog<TEntry> old, CancellationToken cancellationToken)
    {
        if (old.Count < _version) throw InUse(source);
        var events = EncodeAll(source, old);
        for (var lost = 0; _version < events.Length;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_version == 0 && await IsClearedAsync(cancellationToken)) return false;
            if (_version > 0 && _adoption == AdoptionProgress.None) throw InUse(source);
            var before = _version;
            var append = new Append(
                Stream, ExpectedVersion.Exactly(Version, Position.Position), AdoptionIds.Of(Stream, Version),
                NextOf(events));
            await services.Appender.AppendAsync(append, cancellationToken);

            // Whatever the answer is: the stream shows what is appended, by this silo or another.
            if (!await FoldNewAsync(moved: null, cancellationToken))
            {
                Reset();
                await FoldNewAsync(moved: null, cancellationToken);
            }

            if (_version == before && ++lost > services.Options.ConflictsMax)
                throw new WrongExpectedVersionException(Stream, append.Expected, Version);
        }

        return true;
    }

    private async Task<bool> IsClearedAsync(CancellationToken cancellationToken)
    {
        var head = await services.Store.ReadHeadAsync(Stream, cancellationToken);
        return head.Version == StreamVersion.Zero && head.Position.Position > GlobalPosition.Zero;
    }

    // Nothing is appended before every event is known to be readable and to apply.
    private NewEvent[] EncodeAll(AdoptionSource source, OldLog<TEntry> old)
    {
        var (view, events) = (new TView(), new NewEvent[old.Count]);
        for (var at = 0; at < events.Length; at++)
        {
            try
            {
                var entry = old.Events[at] ?? throw new InvalidDataException("It is null.");
                var encoded = Encode(ref entry, AdoptionMark.Describe(source.Storage, at + 1, events.Length));
                services.Limits.ThrowIfOver([encoded], encoded.Size, "event with its metadata");
                Apply(view, entry);
                events[at] = encoded;
            }
            catch (Exception fault)
            {
                throw new AdoptionFailedException(
                    Stream, source.Storage,
                    $"event {at + 1} of {events.Length}, a {old.Events[at]?.GetType()}, cannot be stored or applied "
                    + $"({fault.Message}). Fix the type or Apply; no event is appended until then.", fault);
            }
        }

        return events;
    }

    private NewEvent Encode(ref TEntry entry, EventMetadata metadata)
    {
        if (codecs.Events is EventCodec<TEntry> codec)
            return codec.Encode(ref entry, metadata, new PayloadBuffer(), out _);
        var encoded = codecs.Events.Encode(entry, metadata);
        entry = ReadBack(encoded);
        return encoded;
    }

    // As many as one append may hold.
    private ArraySegment<NewEvent> NextOf(NewEvent[] events)
    {
        var (from, size, count) = ((int)_version, 0L, 0);
        while (from + count < events.Length && count < services.Limits.AppendEventsMax)
        {
            size += events[from + count].Size;
            if (count > 0 && size > services.Limits.AppendSizeMax) break;
            count++;
        }

        return new(events, from, count);
    }

    private AdoptionFailedException InUse(AdoptionSource source) => new(
        Stream, source.Storage,
        $"the log there, or the stream, which is at version {Version}, was changed by another silo meanwhile. Stop "
        + "every silo that still writes to the storage, and register AdoptLogStorage in all the others.");
}
