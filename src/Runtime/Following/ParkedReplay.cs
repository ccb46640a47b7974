namespace Granary.Runtime;

/// <summary>Does what is asked for with parked streams: retries their events, or drops them.</summary>
internal sealed class ParkedReplay(
    WorkerDefinition definition,
    LogPartition partition,
    ILogHandler handler,
    WorkerCheckpoint checkpoint,
    WorkerProgress progress,
    WorkerServices services)
{
    /// <summary>Does it for one stream. The parked streams are to be read again afterwards.</summary>
    public async Task RunAsync(ParkedRow row, CancellationToken cancellationToken)
    {
        if (row.Document.Request == ParkedRequest.Drop)
        {
            if (await CommitAsync([], row, null, cancellationToken))
                FollowingLog.Dropped(services.Logger, definition.Name, row.Stream, row.First);
            return;
        }

        await RetryAsync(row, cancellationToken);
    }

    // The events come in pages. With each page the row moves, so that no event is handled twice.
    private async Task RetryAsync(ParkedRow row, CancellationToken cancellationToken)
    {
        var filter = definition.Filter with { Streams = new HashSet<StreamName> { row.Stream } };
        var after = new LogPosition(partition, new GlobalPosition(row.Document.First - 1));
        while (after.Position < checkpoint.Position)
        {
            var page = await services.Store.ReadLogAsync(
                after, filter, definition.BatchEventsMax, cancellationToken);
            IReadOnlyList<RecordedEvent> events =
                [.. page.Events.Where(one => one.Position.Position <= checkpoint.Position)];
            if (events.Count > 0)
            {
                if (await HandleAsync(row, events, cancellationToken) is not { } next) return;
                row = next;
            }

            after = after with { Position = page.Through };
            if (!page.More) break;
        }

        if (await CommitAsync([], row, null, cancellationToken))
            FollowingLog.Retried(services.Logger, definition.Name, row.Stream);
    }

    // The row as it is then; null where an event has failed, or others have changed rows.
    private async ValueTask<ParkedRow?> HandleAsync(
        ParkedRow row, IReadOnlyList<RecordedEvent> events, CancellationToken cancellationToken)
    {
        for (var take = events.Count; events.Count > 0;)
        {
            IReadOnlyList<RecordedEvent> part = [.. events.Take(take)];
            try
            {
                var next = row.Document with { From = part[^1].Position.Position.Value + 1 };
                var batch = new LogBatch(partition, part, row.Document.Tries + 1);
                var handled = await handler.HandleAsync(batch, cancellationToken);
                if (!await CommitAsync(handled.Writes, row, next, cancellationToken, handled.Sql)) return null;
                handler.OnCommitted();
                var rows = await services.Models.ReadAsync(ReaderTables.Parked, [row.Row.Key], cancellationToken);
                if (rows.Count == 0) return null;
                row = ParkedRow.Of(rows[0]);
                events = [.. events.Skip(take)];
                take = events.Count;
            }
            catch (Exception fault) when (!BatchRunner.EndsSession(fault, cancellationToken))
            {
                var at = fault is EventFailedException named ? BatchRunner.IndexOf(part, named.Failed) : take / 2;
                if (at > 0)
                {
                    take = at;
                    continue;
                }

                await KeepAsync(row, part[0], fault, cancellationToken);
                return null;
            }
        }

        return row;
    }

    private async ValueTask KeepAsync(
        ParkedRow row, RecordedEvent failed, Exception fault, CancellationToken cancellationToken)
    {
        var cause = (fault as EventFailedException)?.InnerException ?? fault;
        progress.SetError(cause);
        var tries = row.Document.Tries + 1;
        var document = ParkedRow.Describe(definition.Name, failed, cause, tries, services.Time.GetUtcNow());
        await CommitAsync([], row, document, cancellationToken);
        FollowingLog.Parked(services.Logger, cause, definition.Name, failed.Stream, failed.Position);
    }

    private async ValueTask<bool> CommitAsync(
        IReadOnlyList<ModelWrite> writes, ParkedRow row, ParkedDocument? next, CancellationToken cancellationToken,
        SqlModelWrite? sql = null)
    {
        var own = next is null
            ? ModelWrite.Delete(ReaderTables.Parked, row.Row)
            : ParkedRow.Put(next, row.Row);
        var outcome = await checkpoint.CommitHereAsync(
            new HandledEvents { Writes = [.. writes, own], Sql = sql }, cancellationToken);
        if (outcome == ModelCommitOutcome.Overtaken) throw new WorkerOvertakenException(definition.Name, partition);
        return outcome == ModelCommitOutcome.Committed;
    }
}
