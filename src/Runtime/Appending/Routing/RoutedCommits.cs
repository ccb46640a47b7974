namespace Granary.Runtime;

/// <summary>Commits what other silos have sent, in the epochs that they and this silo know.</summary>
internal sealed class RoutedCommits(Appender appender, IEventStore store)
{
    private readonly Lazy<long[]> _epochs = new(() => new long[store.PartitionCount]);

    /// <summary>Returns when each append is answered.</summary>
    public async Task<RoutedAnswer> CommitAsync(RoutedBatch batch)
    {
        var epoch = await FindEpochAsync(batch);
        if (epoch != batch.Epoch || batch.Appends.Length == 0) return new RoutedAnswer(epoch, []);

        var answers = new Answers(batch.Appends.Length);
        for (var at = 0; at < batch.Appends.Length; at++)
            appender.SendRouted(batch.Appends[at].ToAppend(), epoch, new Caller(answers, at));
        await answers.All;

        Learn(batch.Partition, answers.EpochMax);
        return new RoutedAnswer(Known(batch.Partition), answers.AreComplete ? answers.Results : []);
    }

    private long Known(LogPartition partition) => Volatile.Read(ref _epochs.Value[partition.Value]);

    private async Task<long> FindEpochAsync(RoutedBatch batch)
    {
        if (store is not IPartitionEpochs epochs)
            throw new NotSupportedException("The store of this silo has no epochs: its silos commit directly.");
        var known = Known(batch.Partition);
        if (known == 0 || known < batch.Epoch)
            Learn(batch.Partition, await epochs.ReadEpochAsync(batch.Partition, CancellationToken.None));
        return Known(batch.Partition);
    }

    private void Learn(LogPartition partition, long epoch)
    {
        ref var known = ref _epochs.Value[partition.Value];
        for (var at = Volatile.Read(ref known); epoch > at;)
        {
            var before = Interlocked.CompareExchange(ref known, epoch, at);
            if (before == at) return;
            at = before;
        }
    }

    private sealed class Answers(int count)
    {
        private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _open = count;
        private int _failed;
        private long _epochMax;

        public AppendResult[] Results { get; } = new AppendResult[count];

        public Task All => _all.Task;

        public bool AreComplete => Volatile.Read(ref _failed) == 0;

        public long EpochMax => Interlocked.Read(ref _epochMax);

        public void Add(int at, PendingAppend answered)
        {
            try
            {
                Results[at] = answered.GetResult();
            }
            catch (Exception error)
            {
                if (error is StaleEpochException stale) Interlocked.Exchange(ref _epochMax, stale.Current);
                Volatile.Write(ref _failed, 1);
            }

            if (Interlocked.Decrement(ref _open) == 0) _all.SetResult();
        }
    }

    private sealed class Caller(Answers answers, int at) : IAppendCaller
    {
        public void OnAnswered(PendingAppend answered) => answers.Add(at, answered);
    }
}
