namespace Granary.Tests.Integration;

/// <summary>
/// Compares the whole log with what the clients know: what is acknowledged is there once and in order, what is unknown
/// at most once, what is refused not at all, and nothing else; positions and versions have no gaps; appends are whole.
/// </summary>
internal sealed class Oracle
{
    private const int FaultsMax = 30;

    private readonly Dictionary<(int Writer, int Number), List<LoggedEvent>> _stored = [];
    private readonly Dictionary<int, long> _positions = [];
    private readonly Dictionary<string, StreamFold> _streams = [];
    private readonly List<string> _faults = [];

    /// <summary>Events in the log.</summary>
    public long Events { get; private set; }

    /// <summary>Events that were acknowledged.</summary>
    public long Acknowledged { get; private set; }

    /// <summary>Acknowledged events that the log does not have where they were acknowledged.</summary>
    public long Lost { get; private set; }

    /// <summary>Events that the log has more often than once.</summary>
    public long Doubled { get; private set; }

    /// <summary>Every stream of the log, folded.</summary>
    public IReadOnlyDictionary<string, StreamFold> Streams => _streams;

    /// <summary>What is wrong, the first of it; empty where nothing is.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>Reads the next event of a partition.</summary>
    public void Read(LoggedEvent one)
    {
        Events++;
        var expected = _positions.GetValueOrDefault(one.Partition) + 1;
        if (one.Position != expected) Report($"Partition {one.Partition} has {one.Position} where {expected} is due.");
        _positions[one.Partition] = one.Position;

        if (!_streams.TryGetValue(one.Stream, out var stream)) _streams[one.Stream] = stream = new StreamFold();
        if (one.Version != stream.Version + 1)
            Report($"{one.Stream} has version {one.Version} after {stream.Version}.");
        stream.Apply(one);

        if (!_stored.TryGetValue((one.Writer, one.Number), out var append))
            _stored[(one.Writer, one.Number)] = append = [];
        append.Add(one);
    }

    /// <summary>Compares what was read with what was sent.</summary>
    public void Compare(IEnumerable<SentAppend> sent)
    {
        var known = new HashSet<(int, int)>();
        var last = new Dictionary<(int, string), long>();
        foreach (var append in sent.OrderBy(static one => one.Number))
        {
            known.Add((append.Writer, append.Number));
            var stored = _stored.GetValueOrDefault((append.Writer, append.Number)) ?? [];
            CheckWhole(append, stored);
            if (append.Outcome == SentOutcome.Refused && stored.Count > 0) Report($"{append} is stored.");
            if (append.Outcome != SentOutcome.Acknowledged) continue;

            CheckKept(append, stored);
            var before = (append.Writer, append.Stream);
            if (append.FirstVersion <= last.GetValueOrDefault(before)) Report($"{append} is before an earlier one.");
            last[before] = append.FirstVersion;
        }

        foreach (var append in _stored.Keys.Where(one => !known.Contains(one))) Report($"{append} was never sent.");
    }

    private void CheckKept(SentAppend append, List<LoggedEvent> stored)
    {
        Acknowledged += append.Count;
        for (var at = 0; at < append.Count; at++)
        {
            if (stored.Exists(one => one.At == at && one.Version == append.FirstVersion + at)) continue;
            Lost++;
            Report($"Event {at} of {append} is lost.");
        }
    }

    private void CheckWhole(SentAppend append, List<LoggedEvent> stored)
    {
        if (stored.Count == 0) return;
        for (var at = 0; at < append.Count; at++)
        {
            var times = stored.Count(one => one.At == at);
            if (times > 1) Doubled += times - 1;
            if (times != 1) Report($"Event {at} of {append} is stored {times} times.");
        }

        if (stored.Exists(one => one.Stream != append.Stream || one.At >= append.Count
            || one.Version != stored[0].Version + one.At)) Report($"{append} is not stored in one piece.");
    }

    private void Report(string fault)
    {
        if (_faults.Count < FaultsMax) _faults.Add(fault);
    }
}
