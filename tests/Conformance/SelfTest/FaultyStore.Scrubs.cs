namespace Granary.Tests.Conformance.SelfTest;

internal sealed partial class FaultyStore
{
    // What this instance alone knows to be left, where the fault is to keep it in the process.
    private readonly List<RecordedEvent> _ownCleared = [];

    private List<RecordedEvent> Cleared => fault == Fault.ForgetsWhatIsLeft ? _ownCleared : data.Cleared;

    public ValueTask<bool> ScrubAsync(int eventsMax, CancellationToken cancellationToken)
    {
        if (fault != Fault.ScrubsThoughCancelled) cancellationToken.ThrowIfCancellationRequested();
        if (fault != Fault.TakesAStepOfNothing) ArgumentOutOfRangeException.ThrowIfLessThan(eventsMax, 1);
        lock (data.Lock)
        {
            var count = fault == Fault.ScrubsAllAtOnce ? Cleared.Count : Math.Min(eventsMax, Cleared.Count);
            foreach (var gone in Cleared.Take(count)) Scrub(gone);
            Cleared.RemoveRange(0, Math.Max(0, count));
            return ValueTask.FromResult(Cleared.Count > 0 || fault == Fault.AlwaysHasMoreToScrub);
        }
    }

    private void Scrub(RecordedEvent gone)
    {
        var log = LogOf(gone.Stream, data.Log);
        var since = Live(gone.Stream).Find(one => one.Version == gone.Version);
        if (fault == Fault.ScrubsWhatCameSince && since is not null) log[log.IndexOf(since)] = Tombstone(since);
        var at = log.FindIndex(one => one.Position == gone.Position);
        if (fault == Fault.ScrubsAwayTheEvent) log.RemoveAt(at);
        if (fault == Fault.ScrubsIds) log[at] = Tombstone(gone, new AppendId(gone.Id));
    }

    // What is cleared is a tombstone in the log at once; its content is kept beside the log until it is scrubbed.
    private RecordedEvent Shown(RecordedEvent recorded) => fault == Fault.ShowsWhatIsNotScrubbed
        ? data.Cleared.Find(one => one.Position == recorded.Position) ?? recorded
        : recorded;
}
