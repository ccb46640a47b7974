namespace Granary.Gateway;

/// <summary>A reader of the log in one partition.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="State">starting, catching-up, live, paused or stopped.</param>
/// <param name="Position">The position that it has passed.</param>
/// <param name="End">The position of the partition's last event.</param>
/// <param name="Lag">How many events it has not passed.</param>
/// <param name="LagSeconds">How long ago the first of them was recorded.</param>
/// <param name="EventsPerSecond">How many it passed in a second, over the last minute.</param>
/// <param name="ParkedStreams">How many streams are parked.</param>
/// <param name="LastError">The last error since it was resumed.</param>
/// <param name="LastErrorAt">When that was.</param>
/// <param name="Silo">The silo that does the work.</param>
internal sealed record ReaderPartitionResponse(
    int Partition, ReaderState State, long Position, long End, long Lag, double LagSeconds, double EventsPerSecond,
    int ParkedStreams, string? LastError, DateTimeOffset? LastErrorAt, string? Silo)
{
    public static ReaderPartitionResponse Of(ReaderStatus status) => new(
        status.Position.Partition.Value, status.State, status.Position.Position.Value, status.End.Value, status.Lag,
        Math.Round(status.LagTime.TotalSeconds, 3), Math.Round(status.Rate, 1), status.ParkedStreams,
        status.LastError, status.LastErrorAt, status.Silo);
}

/// <summary>A reader of the log.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">projection, reactor, process-manager or subscription.</param>
/// <param name="Lag">How many events it has not passed, in all partitions.</param>
/// <param name="Partitions">How it stands in each.</param>
internal sealed record ReaderResponse(
    string Name, ReaderKind Kind, long Lag, IReadOnlyList<ReaderPartitionResponse> Partitions)
{
    /// <summary>What a durable subscription hands out, where that one alone is read.</summary>
    public SubscriptionResponse? Settings { get; init; }

    public static IReadOnlyList<ReaderResponse> Of(IEnumerable<ReaderStatus> statuses) =>
    [
        .. statuses.GroupBy(static one => one.Name).Select(static of => new ReaderResponse(
            of.Key, of.First().Kind, of.Sum(static one => one.Lag), [.. of.Select(ReaderPartitionResponse.Of)])),
    ];
}

/// <summary>A build of a projection.</summary>
internal sealed record BuildResponse(
    string Name, int Version, BuildState State, bool PublishesItself, DateTimeOffset StartedAt, long EventsPassed,
    long EventsTotal, double? EventsPerSecond, double? SecondsLeft, long? Differences,
    IReadOnlyList<BuildDifference> FirstDifferences, string? NotCompared, ReaderResponse? Reader)
{
    public static BuildResponse Of(BuildView build, ReaderResponse? reader)
    {
        var rate = reader?.Partitions.Sum(static one => one.EventsPerSecond);
        var left = Math.Max(0, build.EventsTotal - build.EventsPassed);
        return new BuildResponse(
            build.Name, build.Version, build.State, build.PublishesItself, build.StartedAt, build.EventsPassed,
            build.EventsTotal, rate, rate > 0 ? Math.Round(left / rate.Value, 1) : null, build.Differences,
            build.FirstDifferences, build.NotCompared, reader);
    }
}

/// <summary>A projection and its builds.</summary>
/// <param name="Name">The name under which its models are read.</param>
/// <param name="Version">The version of its code.</param>
/// <param name="Columns">Its columns and what they hold.</param>
/// <param name="TruthCheck">Whether its models are what the log says; null for a live one.</param>
/// <param name="Live">Whether its models are folded when they are read; it has no builds then.</param>
/// <param name="Builds">Its builds, oldest first.</param>
internal sealed record ProjectionResponse(
    string Name, int Version, IReadOnlyDictionary<string, ModelColumnKind> Columns, bool Live,
    TruthCheckResponse? TruthCheck, IReadOnlyList<BuildResponse> Builds)
{
    public static ProjectionResponse Of(ProjectionView view, IReadOnlyList<ReaderResponse> readers) => new(
        view.Name, view.Version, view.Columns, view.IsLive,
        view.TruthCheck is { } check ? TruthCheckResponse.Of(check) : null,
        [.. view.Builds.Select(one => BuildResponse.Of(one, readers.FirstOrDefault(of => of.Name == one.Name)))]);
}

/// <summary>What was found when models were folded anew from the log and compared.</summary>
/// <param name="NotChecked">Why models are not checked.</param>
/// <param name="CheckedAt">When models were checked last.</param>
/// <param name="Checked">How many models were compared.</param>
/// <param name="Skipped">How many could not be compared.</param>
/// <param name="Drifted">How many differ, as far as is known.</param>
/// <param name="DriftedKeys">Their keys, at most a hundred.</param>
internal sealed record TruthCheckResponse(
    string? NotChecked, DateTimeOffset? CheckedAt, long Checked, long Skipped, int Drifted,
    IReadOnlyList<string> DriftedKeys)
{
    public static TruthCheckResponse Of(TruthCheckView view) => new(
        view.NotChecked, view.CheckedAt, view.Checked, view.Skipped, view.Drifted.Count, view.Drifted);
}

/// <summary>A parked stream.</summary>
internal sealed record ParkedResponse(
    string Stream, string Position, long Version, string EventType, string Error, DateTimeOffset At, int Tries)
{
    public static ParkedResponse Of(ParkedStream one) => new(
        one.Stream.ToString(), one.Position.ToString(), one.Version.Value, one.EventType, one.Error, one.At,
        one.Tries);
}

/// <summary>A page of parked streams.</summary>
/// <param name="Streams">The streams.</param>
/// <param name="Next">What is sent as after for the next page; null where there are no more.</param>
internal sealed record ParkedPageResponse(IReadOnlyList<ParkedResponse> Streams, string? Next);

/// <summary>All projections.</summary>
internal sealed record ProjectionsResponse(IReadOnlyList<ProjectionResponse> Projections);

/// <summary>All readers that are no projections.</summary>
internal sealed record SubscriptionsResponse(IReadOnlyList<ReaderResponse> Subscriptions);
