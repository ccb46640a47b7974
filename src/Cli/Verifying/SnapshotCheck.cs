using System.IO.Hashing;
using Granary.Grains;

namespace Granary.Cli;

/// <summary>
/// Checks the snapshots of one stream while its events are read: each one's checksum, and that its event is where it
/// says. The state of a stream of JSON events is folded anew and compared.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="fold">How such a stream is folded.</param>
/// <param name="head">Where the stream ends.</param>
/// <param name="end">Up to which position the stream is read.</param>
/// <param name="add">Receives what is found.</param>
internal sealed class SnapshotCheck(
    OpenedStore store, JsonStreams fold, StreamHead head, long end, Action<Finding> add)
{
    // In the order of their versions.
    private readonly List<Snapshot> _snapshots = [];
    private EventStreamState? _state;
    private bool _isKeptMissing;
    private int _next;

    /// <summary>How many were folded anew.</summary>
    public int Folded { get; private set; }

    /// <summary>How many were not.</summary>
    public int NotFolded { get; private set; }

    /// <summary>Reads the snapshots.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        var atMost = new StreamVersion(long.MaxValue);
        for (var read = 0; read < ISnapshotStore.KeptMax && atMost > StreamVersion.Zero; read++)
        {
            var snapshot = await TryReadAsync(atMost, cancellationToken);
            if (snapshot is null) break;
            atMost = new(Math.Max(0, snapshot.Version.Value - 1));
            if (snapshot.Position.Position.Value <= end) _snapshots.Add(snapshot);
        }

        await LoadKeptAsync(cancellationToken);
        _snapshots.Reverse();

        // Where the first events are removed, the oldest snapshot is what the others are compared with.
        if (_snapshots.Any(JsonStreams.IsOwn) && head.First.Value <= 1) _state = new EventStreamState();
    }

    /// <summary>Looks at the next event of the stream.</summary>
    public void Add(RecordedEvent one)
    {
        Fold(one);
        while (_next < _snapshots.Count && _snapshots[_next].Version.Value <= one.Version.Value)
            Check(_snapshots[_next++], one);
    }

    /// <summary>The stream has no more events.</summary>
    public void End()
    {
        if (_isKeptMissing)
            add(new(FindingKinds.Snapshot,
                $"The stream begins at version {head.First}, and has no snapshot of that version: nothing leads to the "
                + "states before its next one.") { Stream = head.Stream });
        for (; _next < _snapshots.Count; _next++)
            Add(_snapshots[_next], $"It is of version {_snapshots[_next].Version}, which the stream does not have.");
    }

    // The one that takes the place of what was truncated: it is kept beside the newest ones.
    private async Task LoadKeptAsync(CancellationToken cancellationToken)
    {
        if (head.First.Value <= 1 || _snapshots.Any(one => one.Version == head.First)) return;
        var kept = await TryReadAsync(head.First, cancellationToken);
        _isKeptMissing = kept?.Version != head.First;
        if (!_isKeptMissing && kept!.Position.Position.Value <= end) _snapshots.Add(kept);
    }

    private async ValueTask<Snapshot?> TryReadAsync(StreamVersion atMost, CancellationToken cancellationToken)
    {
        try
        {
            return await store.Snapshots.ReadSnapshotAsync(head.Stream, atMost, null, cancellationToken);
        }
        catch (StoreCorruptException fault)
        {
            add(new(FindingKinds.Damaged, $"A snapshot cannot be read: {fault.Message}") { Stream = head.Stream });
            return null;
        }
    }

    private void Fold(RecordedEvent one)
    {
        if (_state is null) return;
        try
        {
            fold.Fold(_state, one);
        }
        catch (ReplayFailedException fault)
        {
            _state = null;
            add(new(FindingKinds.Snapshot, $"The stream has snapshots of JSON, and cannot be folded: {fault.Message}")
            {
                Stream = head.Stream,
                Position = one.Position,
            });
        }
    }

    private void Check(Snapshot snapshot, RecordedEvent one)
    {
        if (snapshot.Version != one.Version)
            Add(snapshot, $"It is of version {snapshot.Version}, which the stream does not have any more.");
        else if (snapshot.Position != one.Position)
            Add(snapshot, $"It is of version {snapshot.Version}, whose event is at {one.Position}.");
        else if (XxHash64.HashToUInt64(snapshot.Payload.Span) != snapshot.Checksum)
            Add(snapshot, $"The state of version {snapshot.Version} does not match its checksum.");
        else if (!JsonStreams.IsOwn(snapshot))
            NotFolded++;
        else Compare(snapshot);
    }

    private void Compare(Snapshot snapshot)
    {
        if (fold.TryDecode(snapshot) is not { } state)
        {
            // Another version of the serializer's code wrote it: a silo ignores it, too.
            NotFolded++;
            return;
        }

        if (_state is null)
        {
            (_state, NotFolded) = (state, NotFolded + 1);
            return;
        }

        Folded++;
        if (!JsonStreams.AreEqual(_state, state))
            Add(snapshot, $"The state of version {snapshot.Version} is not what the events before it make.");
    }

    private void Add(Snapshot snapshot, string message) => add(new(FindingKinds.Snapshot, message)
    {
        Stream = head.Stream,
        Position = snapshot.Position,
    });
}
