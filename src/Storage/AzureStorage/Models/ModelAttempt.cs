using Azure.Data.Tables;
using Microsoft.Extensions.Logging;

namespace Granary.Storage.AzureStorage;

/// <summary>
/// One attempt to commit: it locks the rows with what they shall be, then one transaction decides for all of them, then
/// the locks become the rows' content. A process that ends in between leaves locks whose meaning the decision tells.
/// </summary>
/// <param name="account">The table.</param>
/// <param name="decisions">The decisions.</param>
/// <param name="decidedIn">The partition that has the decision.</param>
/// <param name="logger">Receives what an operator has to read.</param>
internal sealed class ModelAttempt(
    AzureAccount account, ModelDecisions decisions, string decidedIn, ILogger logger)
{
    private const int TransactionsAtOnce = 8;

    // Below the service's limit, with what the rows have beside their documents.
    private const int DocumentsMax = 2 * 1024 * 1024;

    private readonly List<StoredModel> _locked = [];
    private readonly HashSet<StoredModel> _unknown = new(ReferenceEqualityComparer.Instance);
    private bool _mayLockLater;

    public Guid Id { get; } = Uuid7.New(account.Time);

    /// <summary>Locks rows; each is as it was read, or nothing is locked.</summary>
    /// <param name="rows">The rows, and what they shall be.</param>
    /// <param name="isAllowed">What must be true while they are locked.</param>
    /// <returns>Whether they are locked.</returns>
    public async Task<bool> TryLockAsync(
        IReadOnlyList<(StoredModel Row, ModelContent? Next)> rows, Func<Task<bool>> isAllowed)
    {
        StoredModel[] locks =
            [.. rows.Select(one => one.Row with { Lock = new ModelLock(Id, decidedIn, one.Next) })];
        try
        {
            await Parallel.ForEachAsync(
                Split(locks), new ParallelOptions { MaxDegreeOfParallelism = TransactionsAtOnce },
                (some, _) => LockAsync(some)).ConfigureAwait(false);
            if (_unknown.Count == 0 && !_mayLockLater && await isAllowed().ConfigureAwait(false)) return true;
        }
        catch (GranaryException)
        {
            await GiveUpAsync().ConfigureAwait(false);
            throw;
        }

        await UnlockAsync(committed: false).ConfigureAwait(false);
        return false;
    }

    /// <summary>Decides that the attempt counts, and moves a checkpoint with it.</summary>
    /// <returns>Whether it counts; false where the checkpoint is not as it was read, or another has ended it.</returns>
    public async Task<bool> TryDecideAsync(ModelCheckpointRow? moved)
    {
        List<TableTransactionAction> actions = [ModelDecisions.ToCommit(decidedIn, Id)];
        if (moved is not null) actions.Add(moved.ToAction());
        try
        {
            if (await account.TryTransactAsync(actions, CancellationToken.None).ConfigureAwait(false)) return true;
        }
        catch (GranaryException)
        {
            if (!await GiveUpAsync().ConfigureAwait(false)) return true;
            throw;
        }

        // A request that was sent twice is refused where it had landed.
        if (!await decisions.EndAsync(decidedIn, Id, CancellationToken.None).ConfigureAwait(false)) return true;
        await UnlockAsync(committed: false).ConfigureAwait(false);
        return false;
    }

    /// <summary>
    /// Makes the locks the rows' content, and deletes the decision then. Where that fails it is done later: by who
    /// writes the rows next.
    /// </summary>
    /// <returns>Whether it is done.</returns>
    public async Task<bool> TryFinishAsync()
    {
        try
        {
            await UnlockAsync(committed: true).ConfigureAwait(false);
            await decisions.ForgetAsync(decidedIn, Id, CancellationToken.None).ConfigureAwait(false);
            return true;
        }
        catch (GranaryException fault)
        {
            logger.ModelsNotFinished(fault, account.Name);
            return false;
        }
    }

    private async ValueTask LockAsync(StoredModel[] some)
    {
        // Until it is answered it may have landed.
        lock (_unknown) _unknown.UnionWith(some);
        var isLeft = false;
        var tags = await account.TransactAsync(
            [.. some.Select(static one => one.ToAction())], CancellationToken.None, () => isLeft = true)
            .ConfigureAwait(false);
        if (tags is null) return;
        lock (_unknown)
        {
            _unknown.ExceptWith(some);
            _locked.AddRange(some.Select((one, at) => one with { ETag = tags[at] }));

            // A request that got no answer may insert a row again when it is deleted: it must not be the lock of an
            // attempt that counts.
            _mayLockLater |= isLeft && some.Any(static one => one.ETag == default);
        }
    }

    // Whether the attempt is ended; where not even that is known, locks stay until a writer ends it.
    private async Task<bool> GiveUpAsync()
    {
        try
        {
            if (!await decisions.EndAsync(decidedIn, Id, CancellationToken.None).ConfigureAwait(false)) return false;
            await UnlockAsync(committed: false).ConfigureAwait(false);
        }
        catch (GranaryException fault)
        {
            logger.ModelsNotResolved(fault, account.Name);
        }

        return true;
    }

    private async Task UnlockAsync(bool committed)
    {
        var left = new List<StoredModel>(_unknown);
        await Parallel.ForEachAsync(
            Split(_locked), new ParallelOptions { MaxDegreeOfParallelism = TransactionsAtOnce },
            async (some, _) =>
            {
                var actions = some.Select(one => one.Unlocked(committed).ToAction()).ToList();
                if (await account.TryTransactAsync(actions, CancellationToken.None).ConfigureAwait(false)) return;
                lock (left) left.AddRange(some);
            }).ConfigureAwait(false);

        // One of them was unlocked by another writer, or it is not known whether it is locked.
        await AzureAccount.ForEachAsync(
            left, (one, _) => UnlockAsync(one, committed), CancellationToken.None).ConfigureAwait(false);
        _locked.Clear();
        _unknown.Clear();
    }

    private async ValueTask UnlockAsync(StoredModel row, bool committed)
    {
        while (await account.FindAsync(row.Partition, row.RowKey, CancellationToken.None).ConfigureAwait(false)
            is { } found && StoredModel.Read(found) is var there && there.Lock?.Attempt == Id)
        {
            await account.TryTransactAsync([there.Unlocked(committed).ToAction()], CancellationToken.None)
                .ConfigureAwait(false);
        }
    }

    private static IEnumerable<StoredModel[]> Split(IEnumerable<StoredModel> rows)
    {
        foreach (var of in rows.GroupBy(static one => one.Partition).ToList())
        {
            var (some, size) = (new List<StoredModel>(), 0L);
            foreach (var one in of)
            {
                var more = SizeOf(one.Now) + SizeOf(one.Lock?.Next);
                if (some.Count == TransactionLimits.RowsMax || (some.Count > 0 && size + more > DocumentsMax))
                {
                    yield return [.. some];
                    (some, size) = ([], 0);
                }

                some.Add(one);
                size += more;
            }

            if (some.Count > 0) yield return [.. some];
        }
    }

    // A text of a column may be stored with four bytes a character.
    private static long SizeOf(ModelContent? content) => content is null ? 0
        : (content.Document?.Length ?? 0)
            + content.Values.Sum(static one => one is string text ? 4L * text.Length : 16);
}
