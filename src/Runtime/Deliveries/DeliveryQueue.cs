namespace Granary.Runtime;

/// <summary>
/// The deliveries of a subscription in one partition, in memory: what consumers ask for changes it, and the changes are
/// stored before anyone is answered.
/// </summary>
internal sealed class DeliveryQueue(
    WorkerDefinition definition, SubscriptionSettings settings, ParkedStreams parked, TimeProvider time)
{
    /// <summary>How many bytes of events one call is answered with, unless its first event is larger.</summary>
    public const long AnswerBytesMax = 1024 * 1024;

    /// <summary>How many parked streams are replayed at once.</summary>
    public const int ReplaysMax = 100;

    private static readonly TimeSpan OverloadDelay = TimeSpan.FromMinutes(5);

    private readonly Dictionary<GlobalPosition, DeliveryEntry> _replays = [];
    private readonly List<(DeliveryEntry Entry, Exception Cause)> _parkedNow = [];
    private bool _isOverloaded;

    public DeliveryWindow Window { get; } = new();

    public DeliveryChanges Changes { get; } = new();

    /// <summary>The events of parked streams that are replayed, one of each stream.</summary>
    public IReadOnlyCollection<DeliveryEntry> Replays => _replays.Values;

    /// <summary>The streams that were parked since the last call, and why.</summary>
    public IReadOnlyList<(DeliveryEntry Entry, Exception Cause)> TakeParkedNow()
    {
        IReadOnlyList<(DeliveryEntry Entry, Exception Cause)> taken = [.. _parkedNow];
        _parkedNow.Clear();
        return taken;
    }

    /// <summary>Whether a stream could not be parked, since the last call, because too many are.</summary>
    public bool TakeOverload()
    {
        var was = _isOverloaded;
        _isOverloaded = false;
        return was;
    }

    /// <summary>Whether an event can be handed out at a time.</summary>
    public bool HasReady(DateTimeOffset now) => FindReady(now).Any();

    /// <summary>When the next lease or delay ends that runs at a time; null where none does.</summary>
    public DateTimeOffset? FindNextDue(DateTimeOffset now)
    {
        var running = _replays.Values.Concat(Window.Entries).Where(one => one.State == DeliveryState.Leased
            || (one.State == DeliveryState.Waiting && one.Until > now));
        return running.Select(static one => (DateTimeOffset?)one.Until).Min();
    }

    /// <summary>What an event counts of an answer.</summary>
    public static long SizeOf(RecordedEvent recorded) => recorded.Payload.Length + recorded.Metadata.Utf8.Length;

    /// <summary>Adds an event that was read after those before.</summary>
    public void Add(DeliveryEntry entry)
    {
        // One of a parked stream waits there. It is remembered here until the checkpoint has passed it, so that no
        // later worker hands it out from here.
        if (parked.Contains(entry.Stream) && entry.State != DeliveryState.Done)
        {
            entry.Complete();
            Changes.Mark(entry);
        }

        Window.Add(entry);
    }

    public void AddReplay(DeliveryEntry entry) => _replays.Add(entry.Position, entry);

    /// <summary>A stream is replayed no more.</summary>
    public void RemoveReplay(StreamName stream)
    {
        foreach (var one in _replays.Values.Where(one => one.Stream == stream).ToArray()) Forget(one);
    }

    /// <summary>The events that can be handed out now, at most so many.</summary>
    public IReadOnlyList<DeliveryEntry> FindReady(int limit) => [.. FindReady(time.GetUtcNow()).Take(limit)];

    /// <summary>Leases events.</summary>
    /// <param name="ready">Events that can be handed out; those that are dealt with are taken from it.</param>
    /// <param name="whole">
    /// They as they are in the log now. One that is not there was removed, and the filter does not take what is left of
    /// it.
    /// </param>
    /// <param name="limit">How many at most.</param>
    /// <param name="lease">How long; null for the time of the subscription.</param>
    public IReadOnlyList<Delivery> Lease(
        Queue<DeliveryEntry> ready, IReadOnlyDictionary<GlobalPosition, RecordedEvent> whole, int limit,
        TimeSpan? lease)
    {
        var (taken, bytes, until) = (new List<Delivery>(), 0L, time.GetUtcNow() + (lease ?? settings.Lease));
        while (taken.Count < limit && ready.TryPeek(out var one))
        {
            if (!whole.TryGetValue(one.Position, out var recorded))
            {
                ready.Dequeue();
                TryAck(one);
                continue;
            }

            bytes += SizeOf(recorded);
            if (taken.Count > 0 && bytes > AnswerBytesMax) break;
            ready.Dequeue();
            taken.Add(one.LeaseTo(recorded, LeaseName.New(recorded.Position, time).Text, until));
            Changes.Mark(one);
        }

        return taken;
    }

    /// <summary>Ends the leases of events that nobody got, as if they had not been handed out.</summary>
    public void PutBack(IReadOnlyList<LeaseName> leases)
    {
        foreach (var one in leases)
        {
            var entry = Find(one);
            if (entry is not { State: DeliveryState.Leased }) continue;
            entry.PutBack();
            Changes.Mark(entry);
        }
    }

    /// <summary>Ends leases.</summary>
    /// <returns>Those that are none any more.</returns>
    public IReadOnlyList<string> End(IReadOnlyList<LeaseName> leases, LeaseRefusal? refusal)
    {
        var lapsed = new List<string>();
        foreach (var one in leases)
        {
            if (Find(one) is not { } entry || !(refusal is null ? TryAck(entry) : TryRefuse(entry, refusal)))
                lapsed.Add(one.Text);
        }

        return lapsed;
    }

    /// <summary>Lets leases end whose time is over.</summary>
    public void Lapse()
    {
        var now = time.GetUtcNow();
        var over = _replays.Values.Concat(Window.Entries)
            .Where(one => one.State == DeliveryState.Leased && one.Until <= now).ToArray();
        foreach (var one in over)
        {
            // Handed out again at once, and an answer that comes before that still counts.
            Refuse(one, "Its lease has ended without an answer.", TimeSpan.Zero, park: false);
        }
    }

    /// <summary>Removes what is done at the start.</summary>
    /// <returns>The last event that was removed; null where none was.</returns>
    public RecordedEvent? PassDone()
    {
        var removed = Window.RemoveDone();
        foreach (var one in removed) Changes.Remove(one);
        return removed.Count == 0 ? null : removed[^1].Event;
    }

    private IEnumerable<DeliveryEntry> FindReady(DateTimeOffset now) =>
        _replays.Values.Where(one => one.State == DeliveryState.Waiting && one.Until <= now)
            .Concat(Window.FindReady(now));

    private DeliveryEntry? Find(LeaseName lease)
    {
        var position = lease.Position.Position;
        if (_replays.GetValueOrDefault(position) is { } replay && replay.Lease == lease.Text) return replay;
        return Window.Find(position) is { } entry && entry.Lease == lease.Text ? entry : null;
    }

    private bool TryAck(DeliveryEntry entry)
    {
        if (entry.State == DeliveryState.Done) return true;
        if (entry.IsReplay)
        {
            // The parked stream goes on after it.
            if (parked.Find(entry.Stream) is not { } row) return false;
            Changes.Park(row.Document with { From = entry.Position.Value + 1 }, row.Row);
            Forget(entry);
            return true;
        }

        entry.Complete();
        Changes.Mark(entry);
        return true;
    }

    private bool TryRefuse(DeliveryEntry entry, LeaseRefusal refusal)
    {
        if (entry.State == DeliveryState.Done) return false;
        var reason = refusal.Reason is { } given
            ? $"A consumer has refused it: {Cut(given)}"
            : "A consumer has refused it.";
        entry.EndLease();
        Refuse(entry, reason, refusal.Delay ?? entry.BackOff(settings.RetryDelay), refusal.Park);
        return true;
    }

    private void Refuse(DeliveryEntry entry, string reason, TimeSpan delay, bool park)
    {
        if (entry.IsReplay || park || entry.Tries >= settings.TriesMax)
        {
            Park(entry, new DeliveryRefusedException(reason));
            return;
        }

        entry.WaitUntil(time.GetUtcNow() + delay, reason);
        Changes.Mark(entry);
    }

    private void Park(DeliveryEntry entry, Exception cause)
    {
        var row = parked.Find(entry.Stream);
        if (row is null && parked.Count + _parkedNow.Count(static one => !one.Entry.IsReplay) >= ParkedStreams.CountMax)
        {
            // It is tried on, until streams are retried or dropped: the others go on meanwhile.
            entry.WaitUntil(time.GetUtcNow() + OverloadDelay, cause.Message);
            Changes.Mark(entry);
            _isOverloaded = true;
            return;
        }

        var tries = entry.IsReplay ? (row?.Document.Tries ?? 0) + 1 : entry.Tries;
        var document = ParkedRow.Describe(definition.Name, entry.Event, cause, tries, time.GetUtcNow());

        // That it is to be dropped was asked while a consumer had its event.
        var isDropped = row?.Document.Request == ParkedRequest.Drop;
        Changes.Park(isDropped ? document with { Request = ParkedRequest.Drop } : document, row?.Row);
        _parkedNow.Add((entry, cause));
        if (entry.IsReplay)
        {
            Forget(entry);
            return;
        }

        // They wait as the parked stream's, from this one on.
        foreach (var one in Window.Entries)
        {
            if (one.Stream != entry.Stream || one.State == DeliveryState.Done) continue;
            one.EndLease();
            one.Complete();
            Changes.Mark(one);
        }
    }

    private void Forget(DeliveryEntry replay)
    {
        _replays.Remove(replay.Position);
        Changes.Remove(replay);
    }

    private static string Cut(string reason)
    {
        const int max = LeaseRefusal.ReasonLengthMax;
        if (reason.Length <= max) return reason;
        return char.IsHighSurrogate(reason[max - 1]) ? reason[..(max - 1)] : reason[..max];
    }
}
