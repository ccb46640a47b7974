namespace Granary;

/// <summary>Appends that are committed together to one partition, and the store's answers to them.</summary>
public sealed class AppendBatch
{
    private readonly ArraySegment<AppendResult> _results;

    /// <summary>Creates a batch.</summary>
    /// <param name="partition">The partition of all the streams.</param>
    /// <param name="timestamp">When the events are recorded; kept to the microsecond.</param>
    /// <param name="appends">The appends, in the order in which they are to be judged.</param>
    public AppendBatch(LogPartition partition, DateTimeOffset timestamp, IReadOnlyList<Append> appends)
        : this(partition, timestamp, appends, new AppendResult[appends.Count])
    {
    }

    /// <summary>Creates a batch whose results are written into an array of the caller, which it may reuse.</summary>
    /// <param name="partition">The partition of all the streams.</param>
    /// <param name="timestamp">When the events are recorded; kept to the microsecond.</param>
    /// <param name="appends">The appends, in the order in which they are to be judged.</param>
    /// <param name="results">Where the answers go, from the first element on; what is in it is dropped.</param>
    /// <exception cref="ArgumentException">The array is shorter than the list of appends.</exception>
    public AppendBatch(
        LogPartition partition, DateTimeOffset timestamp, IReadOnlyList<Append> appends, AppendResult[] results)
    {
        Partition = partition;
        Timestamp = Append.WholeMicroseconds(timestamp);
        Appends = appends;
        _results = new ArraySegment<AppendResult>(results, 0, appends.Count);
        _results.AsSpan().Clear();
    }

    /// <summary>The partition of all the streams.</summary>
    public LogPartition Partition { get; }

    /// <summary>When the events are recorded, in whole microseconds of UTC.</summary>
    public DateTimeOffset Timestamp { get; }

    /// <summary>The appends, in the order in which they are judged.</summary>
    public IReadOnlyList<Append> Appends { get; }

    /// <summary>
    /// The epoch of the partition that the batch belongs to; 0 where it belongs to none. In another epoch a store with
    /// <see cref="IPartitionEpochs"/> writes nothing of it and throws <see cref="StaleEpochException"/>.
    /// </summary>
    public long Epoch { get; init; }

    /// <summary>
    /// The answers, one for each append; to be read only after the commit has returned or thrown. After it has thrown,
    /// those that were not answered have the outcome <see cref="AppendOutcome.None"/>.
    /// </summary>
    public IReadOnlyList<AppendResult> Results => _results;

    /// <summary>
    /// For stores: answers the append at an index. From then on the answer is true, also where the commit throws.
    /// </summary>
    public void SetResult(int index, AppendResult result) => _results.AsSpan()[index] = result;
}
