namespace Granary.Runtime;

/// <summary>Commits what other silos have sent, in the epochs that they and this silo know.</summary>
internal sealed class RoutedCommits(Appender appender, IEventStore store, SiloStore siloStore)
{
    private readonly Lazy<long[]> _epochs = new(() => new long[store.PartitionCount]);

    /// <summary>Returns when each append is answered.</summary>
    /// <exception cref="InvalidOperationException">The silo that sends has another store. Nothing is committed.
    /// </exception>
    public async Task<RoutedAnswer> CommitAsync(RoutedBatch batch)
    {
        // It would be acknowledged there, and nobody there could read it.
        if (batch.StoreId != siloStore.StoreId)
            throw new InvalidOperationException(
                $"This silo's store is {siloStore.StoreId}, and a batch for store {batch.StoreId} was sent to it. Give "
                + "all silos of the cluster one store.");
        var epoch = await FindEpochAsync(batch);
        if (epoch != batch.Epoch || batch.Appends.Length == 0) return new RoutedAnswer(epoch, []);

        var answers = new Answers(batch.Appends.Length);
        for (var at = 0; at < batch.Appends.Length; at++)
            appender.SendRouted(batch.Appends[at].ToAppend(), epoch, new Caller(answers, at));
        await answers.All;

        if (answers.StoreEpoch is > 0 and var current) Learn(batch.Partition, current);
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

    // What the store said last counts: one that an older copy has replaced is in an earlier epoch. Where what was read
    // earlier comes later, the next batch is of a later epoch than this, and the store is asked again.
    private void Learn(LogPartition partition, long epoch) =>
        Volatile.Write(ref _epochs.Value[partition.Value], epoch);

    private sealed class Answers(int count)
    {
        private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _open = count;
        private int _failed;
        private long _storeEpoch;

        public AppendResult[] Results { get; } = new AppendResult[count];

        public Task All => _all.Task;

        public bool AreComplete => Volatile.Read(ref _failed) == 0;

        /// <summary>The partition's epoch, where a commit was refused as one of another; else 0.</summary>
        public long StoreEpoch => Interlocked.Read(ref _storeEpoch);

        public void Add(int at, PendingAppend answered)
        {
            try
            {
                Results[at] = answered.GetResult();
            }
            catch (Exception error)
            {
                if (error is StaleEpochException stale) Interlocked.Exchange(ref _storeEpoch, stale.Current);
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
