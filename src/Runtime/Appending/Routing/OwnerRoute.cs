using Microsoft.Extensions.Logging;

namespace Granary.Runtime;

/// <summary>
/// Sends the batches of a partition to the silo that owns it, where they are committed together with those of the other
/// silos: silos that commit to one partition wait for each other's flush. The store's version check is the fence, not
/// the owner: where the owner does not answer, this silo commits directly.
/// </summary>
/// <param name="partition">The partition.</param>
/// <param name="direct">Commits in this silo.</param>
/// <param name="siloStore">The store that the owner has to have too.</param>
/// <param name="epochs">The store's epochs.</param>
/// <param name="owners">Which silo owns it.</param>
/// <param name="options">How long an answer is waited for.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where an owner that does not answer is logged.</param>
internal sealed class OwnerRoute(
    LogPartition partition,
    ICommitRoute direct,
    SiloStore siloStore,
    IPartitionEpochs epochs,
    IPartitionOwners owners,
    AppenderOptions options,
    TimeProvider time,
    ILogger logger) : ICommitRoute
{
    /// <summary>
    /// How long a silo that did not commit what it was sent is sent nothing; twice as long each further time.
    /// </summary>
    public static readonly TimeSpan PassedOverFor = TimeSpan.FromSeconds(10);

    // One that never commits for others, such as one of an earlier version, costs a try every five minutes.
    private static readonly TimeSpan PassedOverMax = TimeSpan.FromMinutes(5);

    /// <summary>How long after a new epoch could not be begun that is tried again.</summary>
    public static readonly TimeSpan BeginsAgainAfter = TimeSpan.FromMilliseconds(250);

    // The first answer may be that the epoch is another one.
    private const int SendsMax = 2;

    // In the rest of the time the batch is committed here.
    private readonly TimeSpan _timeout =
        TimeSpan.FromMilliseconds(Math.Min(options.RouteTimeoutMs, options.CommitTimeoutMs / 2.0));
    private long _epoch;
    private SiloAddress? _passedOver;
    private long _passedOverAt;
    private TimeSpan _passedOverFor;

    /// <inheritdoc />
    public ValueTask CommitAsync(AppendBatch batch, CancellationToken cancellationToken)
    {
        // A batch with an epoch holds appends of other silos, to which this one is the owner.
        if (batch.Epoch != 0 || FindOwner() is not { } owner || SizeOf(batch) > GranaryLimits.BatchSizeMax)
            return direct.CommitAsync(batch, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        return SendAsync(owner, batch, cancellationToken);
    }

    private async ValueTask SendAsync(SiloAddress owner, AppendBatch batch, CancellationToken stop)
    {
        for (var sends = 0; sends < SendsMax; sends++)
        {
            var answering = StartSending(owner, batch);
            var answer = await TryAwaitAsync(owner, answering);
            if (TryAnswer(batch, answer))
            {
                _passedOver = null;
                return;
            }

            if (answer?.Epoch > _epoch)
            {
                _epoch = answer.Epoch;
                continue;
            }

            PassOver(owner);
            if (answer is not null) _epoch = await epochs.BeginEpochAsync(partition, CancellationToken.None);
            else if (TryAnswer(batch, await EndAsync(answering, stop))) return;
            break;
        }

        // What the owner did commit is found by the appends' ids.
        await direct.CommitAsync(batch, CancellationToken.None);
    }

    private static bool TryAnswer(AppendBatch batch, RoutedAnswer? answer)
    {
        if (answer?.Results.Length != batch.Appends.Count) return false;
        for (var at = 0; at < answer.Results.Length; at++) batch.SetResult(at, answer.Results[at]);
        return true;
    }

    private Task<RoutedAnswer> StartSending(SiloAddress owner, AppendBatch batch)
    {
        try
        {
            var answering = owners.SendAsync(owner, RoutedBatch.Of(batch, _epoch, siloStore.StoreId));
            answering.Ignore();
            return answering;
        }
        catch (Exception error)
        {
            return Task.FromException<RoutedAnswer>(error);
        }
    }

    private async Task<RoutedAnswer?> TryAwaitAsync(SiloAddress owner, Task<RoutedAnswer> answering)
    {
        try
        {
            return await answering.WaitAsync(_timeout, time);
        }
        catch (Exception error)
        {
            AppenderLog.OwnerNotAnswering(logger, error, owner, partition, PassedOverFor.TotalSeconds);
            return null;
        }
    }

    // The owner may still have the batch, or its store may. Nothing of it lands when another epoch has begun, or when
    // the owner has answered after all. Until then the batch cannot fail: its callers do, when its time is over.
    private async Task<RoutedAnswer?> EndAsync(Task<RoutedAnswer> answering, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                _epoch = await epochs.BeginEpochAsync(partition, CancellationToken.None);
                return null;
            }
            catch (StoreUnavailableException) when (!stop.IsCancellationRequested)
            {
                // This silo is cut off from the store, or the store is away.
            }

            var pause = Task.Delay(BeginsAgainAfter, time, stop);
            await Task.WhenAny(answering.IsCompleted ? pause : answering, pause);
            if (answering.IsCompletedSuccessfully) return await answering;
        }
    }

    private SiloAddress? FindOwner()
    {
        var owner = owners.FindOther(partition);
        var isPassedOver = owner is not null && owner.Equals(_passedOver)
            && time.GetElapsedTime(_passedOverAt) < _passedOverFor;
        return isPassedOver ? null : owner;
    }

    private void PassOver(SiloAddress owner)
    {
        _passedOverFor = owner.Equals(_passedOver)
            ? TimeSpan.FromTicks(Math.Min(_passedOverFor.Ticks * 2, PassedOverMax.Ticks))
            : PassedOverFor;
        (_passedOver, _passedOverAt) = (owner, time.GetTimestamp());
    }

    private static long SizeOf(AppendBatch batch)
    {
        var size = 0L;
        for (var at = 0; at < batch.Appends.Count; at++) size += batch.Appends[at].Size;
        return size;
    }
}
