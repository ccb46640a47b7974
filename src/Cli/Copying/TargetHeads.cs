namespace Granary.Cli;

/// <summary>
/// Where the streams of the target end. An append that expects its stream's position cannot land twice, whoever else
/// copies; so the end of each stream has to be known before.
/// </summary>
/// <param name="target">The target.</param>
/// <param name="isEmpty">Whether the target holds nothing: what is not known here is not there then.</param>
/// <param name="countMax">How many streams are kept.</param>
internal sealed class TargetHeads(OpenedStore target, bool isEmpty, int countMax = TargetHeads.CountMax)
{
    /// <summary>How many streams are kept: about 100 MiB.</summary>
    public const int CountMax = 500_000;

    private const int ReadsAtOnce = 8;

    private readonly Dictionary<StreamName, TargetHead> _heads = [];
    private bool _isComplete = isEmpty;

    /// <summary>Makes the ends of streams known.</summary>
    public async Task LoadAsync(IReadOnlyCollection<StreamName> streams, CancellationToken cancellationToken)
    {
        if (_heads.Count + streams.Count > countMax)
        {
            _heads.Clear();
            _isComplete = false;
        }

        var unknown = streams.Where(stream => !_heads.ContainsKey(stream)).ToArray();
        if (_isComplete)
        {
            foreach (var stream in unknown) _heads[stream] = default;
            return;
        }

        var found = new TargetHead[unknown.Length];
        await Parallel.ForAsync(
            0, unknown.Length,
            new ParallelOptions { MaxDegreeOfParallelism = ReadsAtOnce, CancellationToken = cancellationToken },
            async (at, token) =>
            {
                var head = await target.Events.ReadHeadAsync(unknown[at], token);
                found[at] = new(head.Version.Value, head.Position.Position.Value) { Updated = head.Updated };
            });
        for (var at = 0; at < unknown.Length; at++) _heads[unknown[at]] = found[at];
    }

    /// <summary>Where a stream ends that was loaded.</summary>
    public TargetHead this[StreamName stream]
    {
        get => _heads[stream];
        set => _heads[stream] = value;
    }
}

/// <summary>Where a stream of the target ends.</summary>
/// <param name="Version">The version of its last event.</param>
/// <param name="Position">The position of that event, or of its clearing; 0 where it never was.</param>
internal readonly record struct TargetHead(long Version, long Position)
{
    /// <summary>When that event was recorded; null where there is none, or this process has appended it.</summary>
    public DateTimeOffset? Updated { get; init; }

    /// <summary>Whether this process has appended to the stream.</summary>
    public bool IsOwn { get; init; }
}
