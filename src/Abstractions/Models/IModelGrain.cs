namespace Granary;

/// <summary>Reads models for clients that are not silos. Any key will do.</summary>
/// <remarks>
/// Members throw <see cref="ProjectionUnknownException"/> where there is no projection of that name, and
/// <see cref="ModelsBehindException"/> where the models have not passed the asked positions within the time to wait.
/// The model of a live projection is folded when it is read: <see cref="LimitExceededException"/> where its stream has
/// more than <see cref="GranaryLimits.LiveModelEventsMax"/> events, <see cref="StreamTruncatedException"/> where the
/// first of them were removed, <see cref="ReplayFailedException"/> where one cannot be folded.
/// </remarks>
[Alias("granary.IModelGrain")]
public interface IModelGrain : IGrainWithIntegerKey
{
    /// <summary>The model of a key; null where there is none.</summary>
    [Alias("Find"), ResponseTimeout("00:01:15")]
    Task<ReadModel?> Find(
        string projection, string key, ModelWait? wait = null, CancellationToken cancellationToken = default);

    /// <summary>A page of models.</summary>
    /// <exception cref="ModelQueryException">The query names what there is not, or a value of another kind.</exception>
    /// <exception cref="ProjectionIsLiveException">The projection is live.</exception>
    [Alias("Query"), ResponseTimeout("00:01:15")]
    Task<ReadModelPage> Query(ModelRequest request, CancellationToken cancellationToken = default);

    /// <summary>Completes when the models have passed positions.</summary>
    [Alias("WaitFor"), ResponseTimeout("00:01:15")]
    Task WaitFor(string projection, ModelWait wait, CancellationToken cancellationToken = default);
}
