namespace Granary.Cli;

/// <summary>The appends of one partition of the source, whole and in order.</summary>
/// <param name="source">The source.</param>
/// <param name="partition">Which partition.</param>
/// <param name="after">The position after which it begins; an append ends there.</param>
internal sealed class PartitionFeed(OpenedStore source, int partition, long after)
{
    private const int PageEvents = 500;

    private readonly Queue<CopiedAppend> _ready = new();
    private List<RecordedEvent> _open = [];
    private long _read = after;
    private bool _isAtEnd;

    /// <summary>The partition's number.</summary>
    public int Partition => partition;

    /// <summary>The position through which it was read.</summary>
    public LogPosition Through => new(new(partition), new(_read));

    /// <summary>The next append, without taking it; null at the end of the log as it was found last.</summary>
    public async ValueTask<CopiedAppend?> PeekAsync(CancellationToken cancellationToken)
    {
        while (_ready.Count == 0 && !_isAtEnd) await ReadAsync(cancellationToken);
        return _ready.TryPeek(out var next) ? next : null;
    }

    /// <summary>Looks for the end of the log anew.</summary>
    public void Refresh() => _isAtEnd = false;

    /// <summary>Takes the append that was peeked at.</summary>
    public CopiedAppend Take() => _ready.Dequeue();

    private async ValueTask ReadAsync(CancellationToken cancellationToken)
    {
        var page = await source.Events.ReadLogAsync(Through, LogFilter.All, PageEvents, cancellationToken);
        foreach (var one in page.Events) Add(one);
        if (page.Through.Value != _read)
            throw Broken(_read + 1, $"the store has read through {page.Through} and shown {_read} as the last");

        // An append is visible as a whole: where the log ends, it ends too.
        _isAtEnd = !page.More;
        if (_isAtEnd) Close();
    }

    private void Add(RecordedEvent one)
    {
        if (one.Position.Position.Value != _read + 1)
            throw Broken(_read + 1, $"the next position is {one.Position.Position}");
        var isNext = _open.Count > 0 && one.AppendId == _open[^1].AppendId && one.Stream == _open[^1].Stream
            && one.Version.Value == _open[^1].Version.Value + 1;
        if (!isNext) Close();
        _open.Add(one);
        _read++;
    }

    private void Close()
    {
        if (_open.Count == 0) return;
        _ready.Enqueue(new CopiedAppend(_open));
        _open = [];
    }

    private CommandException Broken(long position, string what) => new(
        $"{source.Name} has no event at position {position} of partition {partition}: {what}. Verify the store.",
        ExitCodes.Found);
}
