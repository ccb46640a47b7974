using Granary.Contracts;

namespace Granary.Client;

/// <summary>The log, read by a silo of the cluster: by this one where the process is a silo.</summary>
internal sealed class ClusterLogSource(IGrainFactory grains, TimeProvider time) : ILogSource
{
    // A silo that is lost does not answer; what it should have waited for is then read without it.
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(1);

    private ILogGrain Log => grains.GetGrain<ILogGrain>(0);

    public async ValueTask<int> GetPartitionCountAsync(CancellationToken cancellationToken) =>
        await SafeRetry.RunAsync(() => Log.GetPartitionCount(), time, cancellationToken);

    public async ValueTask<LogPage> ReadPageAsync(
        LogPosition after, LogFilter filter, int limit, CancellationToken cancellationToken) =>
        await Log.ReadLogPage(after, filter, limit, cancellationToken).WaitAsync(cancellationToken);

    public async ValueTask<IReadOnlyList<LogPartition>> WaitForMoreAsync(
        IReadOnlyList<LogPosition> after, TimeSpan max, CancellationToken cancellationToken) =>
        await Log.WaitForMore(after, max, cancellationToken).WaitAsync(max + AnswerMax, time, cancellationToken);
}
