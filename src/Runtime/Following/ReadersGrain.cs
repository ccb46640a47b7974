using System.Globalization;
using Orleans.Concurrency;

namespace Granary.Runtime;

/// <summary>
/// Shows and steers the readers: what is asked of them is written to the store, and then they are notified.
/// </summary>
[StatelessWorker, Reentrant]
internal sealed class ReadersGrain(
    WorkerRegistry registry, IEnumerable<IReaderNames> names, FollowingServices services) : Grain, IReadersGrain
{
    private const int RequestTriesMax = 20;

    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(5);

    /// <inheritdoc />
    public async Task<IReadOnlyList<ReaderStatus>> GetStatus(
        string? name = null, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<WorkerDefinition> all = name is null
            ? await registry.ReadAsync(cancellationToken)
            : [await FindAsync(name, cancellationToken)];
        var asked = from one in all
            from at in Enumerable.Range(0, services.PartitionCount)
            select AskAsync(one, new LogPartition(at), cancellationToken);
        return await Task.WhenAll(asked);
    }

    /// <inheritdoc />
    public Task Pause(string name, CancellationToken cancellationToken = default) =>
        ChangeAsync(name, static setting => setting with { Paused = true }, cancellationToken);

    /// <inheritdoc />
    public Task Resume(string name, CancellationToken cancellationToken = default) =>
        ChangeAsync(name, static setting => setting with { Paused = false }, cancellationToken);

    /// <inheritdoc />
    public async Task<ParkedPage> ReadParked(
        string name, string? after = null, int limit = 100, CancellationToken cancellationToken = default)
    {
        var reader = (await FindAsync(name, cancellationToken)).Name;
        var page = await services.Models.QueryAsync(
            new ModelQuery(ReaderTables.Parked)
            {
                Conditions = [new ModelCondition(ReaderTables.ParkedReader, ModelComparison.Equal, reader)],
                After = after is null ? null : new ModelCursor(null, after),
                Limit = limit,
            },
            cancellationToken);
        return new ParkedPage([.. page.Rows.Select(static one => ParkedRow.Of(one).ToParkedStream())], page.Next?.Key);
    }

    /// <inheritdoc />
    public Task<bool> RetryParked(string name, StreamName stream, CancellationToken cancellationToken = default) =>
        RequestAsync(name, stream, ParkedRequest.Retry, cancellationToken);

    /// <inheritdoc />
    public Task<bool> DropParked(string name, StreamName stream, CancellationToken cancellationToken = default) =>
        RequestAsync(name, stream, ParkedRequest.Drop, cancellationToken);

    private async Task ChangeAsync(
        string name, Func<ReaderSetting, ReaderSetting> change, CancellationToken cancellationToken)
    {
        var reader = await FindAsync(name, cancellationToken);
        await new ReaderSettings(services.Models).ChangeAsync(reader.Name, change, cancellationToken);
        await Task.WhenAll(Enumerable.Range(0, services.PartitionCount)
            .Select(at => SteerAsync(reader, new LogPartition(at), cancellationToken)));
    }

    // What consumers are handed out once this has returned is what was asked for.
    private async Task SteerAsync(
        WorkerDefinition reader, LogPartition partition, CancellationToken cancellationToken)
    {
        await GrainOf(reader.Name, partition).Steer();
        if (reader.Deliveries is not null)
            await GrainFactory.GetGrain<IDeliveryGrain>(ReaderKeys.Of(reader.Name, partition))
                .Settle(cancellationToken);
    }

    private async Task<bool> RequestAsync(
        string name, StreamName stream, ParkedRequest request, CancellationToken cancellationToken)
    {
        var reader = (await FindAsync(name, cancellationToken)).Name;
        var key = ParkedRow.KeyOf(reader, stream);
        for (var tries = 0; tries < RequestTriesMax; tries++)
        {
            var rows = await services.Models.ReadAsync(ReaderTables.Parked, [key], cancellationToken);
            if (rows.Count == 0) return false;
            var row = ParkedRow.Of(rows[0]);

            // What is asked for already is not written again: that would disturb the worker that does it.
            if (row.Document.Request != request && !await TryRequestAsync(row, request, cancellationToken)) continue;
            await GrainOf(reader, row.Position.Partition).Steer();
            return true;
        }

        throw new StoreUnavailableException(
            $"The parked stream {stream} of '{name}' was changed {RequestTriesMax} times meanwhile. Try again.");
    }

    private async ValueTask<bool> TryRequestAsync(
        ParkedRow row, ParkedRequest request, CancellationToken cancellationToken)
    {
        var commit = new ModelCommit(ParkedRow.Put(row.Document with { Request = request }, row.Row))
        {
            Durable = true,
        };
        return await services.Models.CommitAsync(commit, cancellationToken) == ModelCommitOutcome.Committed;
    }

    private async Task<ReaderStatus> AskAsync(
        WorkerDefinition definition, LogPartition partition, CancellationToken cancellationToken)
    {
        try
        {
            return await GrainOf(definition.Name, partition).GetStatus()
                .WaitAsync(AnswerMax, services.Time, cancellationToken);
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            return await DescribeSilentAsync(definition, partition, fault, cancellationToken);
        }
    }

    // A worker that does not answer is shown by its checkpoint and by the error.
    private async Task<ReaderStatus> DescribeSilentAsync(
        WorkerDefinition definition, LogPartition partition, Exception fault, CancellationToken cancellationToken)
    {
        var found = await services.Models.ReadCheckpointAsync(definition.Name, partition, cancellationToken);
        var at = new LogPosition(partition, found?.Position ?? GlobalPosition.Zero);
        var next = await services.Store.ReadLogAsync(at, LogFilter.All, 1, cancellationToken);
        var now = services.Time.GetUtcNow();
        return new ReaderStatus
        {
            Name = definition.Name,
            Kind = definition.Kind,
            Position = at,
            End = next.End,
            State = ReaderState.Starting,
            LagTime = next.Events.Count > 0 ? now - next.Events[0].Timestamp : TimeSpan.Zero,
            LastError = string.Create(CultureInfo.InvariantCulture, $"Its worker does not answer: {fault.Message}"),
            LastErrorAt = now,
        };
    }

    private IReaderGrain GrainOf(string reader, LogPartition partition) =>
        GrainFactory.GetGrain<IReaderGrain>(ReaderKeys.Of(reader, partition));

    private async ValueTask<WorkerDefinition> FindAsync(string name, CancellationToken cancellationToken)
    {
        if (await registry.FindAsync(name, cancellationToken) is { } direct) return direct;
        foreach (var one in names)
        {
            if (await one.ResolveAsync(name, cancellationToken) is { } reader
                && await registry.FindAsync(reader, cancellationToken) is { } found) return found;
        }

        throw new ReaderUnknownException(name);
    }
}
