using Microsoft.Extensions.Logging;

namespace Granary.Runtime;

/// <summary>
/// The deadlines of process managers, in the store of models. Each silo looks for those that have passed; a row is
/// removed once its process has handled it, so every deadline is handled at least once.
/// </summary>
internal sealed class ProcessDeadlines(
    IServiceProvider services, IGrainFactory grains, TimeProvider time, ILogger<ProcessDeadlines> logger) : ISupervised
{
    private const int NameLengthMax = 100;
    private const int PageSize = 100;
    private const int PagesMax = 10;
    private const int TriesMax = 20;

    private readonly ILogger _logger = logger.Guarded();
    private volatile bool _hasTable;

    /// <summary>Sets a deadline, or moves it.</summary>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    public Task SetAsync(GrainId process, string name, DateTimeOffset due, CancellationToken cancellationToken)
    {
        if (name is not { Length: > 0 and <= NameLengthMax })
            throw new ArgumentException($"A deadline's name has 1 to {NameLengthMax} characters.", nameof(name));
        var ticks = due.UtcTicks / TimeSpan.TicksPerMicrosecond * TimeSpan.TicksPerMicrosecond;
        var document = new DeadlineDocument(
            process.Type.ToString()!, process.Key.ToString()!, name, new DateTimeOffset(ticks, TimeSpan.Zero));
        return WriteAsync(
            process,
            name,
            row => row is not null && DeadlineRow.Of(row).Document == document ? null : DeadlineRow.Put(document, row),
            cancellationToken);
    }

    /// <summary>Removes a deadline where it is set.</summary>
    public Task RemoveAsync(GrainId process, string name, CancellationToken cancellationToken) => WriteAsync(
        process, name, static row => row is null ? null : ModelWrite.Delete(DeadlineRow.Table, row), cancellationToken);

    /// <inheritdoc />
    public async Task SuperviseAsync(CancellationToken cancellationToken)
    {
        var models = await OpenAsync(cancellationToken);
        var query = new ModelQuery(DeadlineRow.Table)
        {
            Conditions = [new ModelCondition(DeadlineRow.Due, ModelComparison.LessOrEqual, time.GetUtcNow())],
            OrderBy = DeadlineRow.Due,
            Limit = PageSize,
        };

        // What is left after so many pages is found at the next look, a few seconds later.
        for (var pages = 0; pages < PagesMax; pages++)
        {
            var page = await models.QueryAsync(query, cancellationToken);
            foreach (var row in page.Rows) await ExpireAsync(models, row, cancellationToken);
            if (page.Next is null) return;
            query = query with { After = page.Next };
        }
    }

    private async Task ExpireAsync(IModelStore models, ModelRow row, CancellationToken cancellationToken)
    {
        var deadline = DeadlineRow.Of(row).Document;

        // Whether it was passed before is not known: the row stays until that has succeeded.
        CommandCause.Set(deadline.Due);
        try
        {
            await grains.GetGrain<IProcessGrain>(deadline.Process)
                .Expire(deadline.Name, deadline.Due, cancellationToken).WaitAsync(cancellationToken);

            // One that was set anew meanwhile has another revision, and stays.
            await models.CommitAsync(
                new ModelCommit(ModelWrite.Delete(DeadlineRow.Table, row)) { Durable = true }, cancellationToken);
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            ProcessLog.DeadlineFailed(_logger, fault, deadline.Name, deadline.Process);
        }
    }

    private async Task WriteAsync(
        GrainId process, string name, Func<ModelRow?, ModelWrite?> change, CancellationToken cancellationToken)
    {
        var models = await OpenAsync(cancellationToken);
        for (var tries = 0; tries < TriesMax; tries++)
        {
            var rows = await models.ReadAsync(
                DeadlineRow.Table, [DeadlineRow.KeyOf(process, name)], cancellationToken);
            if (change(rows.Count == 0 ? null : rows[0]) is not { } write) return;
            var commit = new ModelCommit(write) { Durable = true };
            if (await models.CommitAsync(commit, cancellationToken) == ModelCommitOutcome.Committed) return;
        }

        throw new StoreUnavailableException($"The deadline '{name}' of {process} was changed by others meanwhile.");
    }

    private async ValueTask<IModelStore> OpenAsync(CancellationToken cancellationToken)
    {
        var models = ModelStores.Get(services);
        if (_hasTable) return models;
        await models.CreateTableAsync(DeadlineRow.Table, cancellationToken);
        _hasTable = true;
        return models;
    }
}
