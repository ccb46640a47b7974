using System.Text.Json;
using Azure;
using Azure.Data.Tables;

namespace Granary.Storage.AzureStorage;

/// <summary>
/// The tables of models and the views of them, each a row under its name. The rows of a table are under a generation of
/// its own, so that those of an earlier table of its name are never seen.
/// </summary>
internal sealed class ModelTables(
    AzureAccount account, AzureBlobs blobs, ModelRows rows, ModelDecisions decisions)
{
    private const string NameName = "Name";

    /// <summary>Creates a table where it is not there.</summary>
    public async Task CreateAsync(ModelTable table, CancellationToken cancellationToken)
    {
        while (true)
        {
            var row = await rows.FindFreeAsync(ModelKeys.Tables, table.Name, cancellationToken).ConfigureAwait(false);
            if (row.Now is { } there)
            {
                var found = Definition.Read(there);
                if (found.Shows is not null) throw ModelFaults.NameOfView(table.Name);
                if (!found.IsOf(table)) throw ModelFaults.OtherColumns(table);
                return;
            }

            var created = row with { Now = Definition.Of(table, Uuid7.New(account.Time)).ToContent() };
            if (await account.TryTransactAsync([created.ToAction()], cancellationToken).ConfigureAwait(false)) return;
        }
    }

    /// <summary>The partition that has the rows of a table.</summary>
    /// <exception cref="StoreSchemaException">It is not there, or has other columns.</exception>
    public async Task<string> FindRowsAsync(ModelTable table, CancellationToken cancellationToken)
    {
        var row = await rows.FindAsync(ModelKeys.Tables, table.Name, cancellationToken).ConfigureAwait(false);
        var content = await rows.ReadAsync(row, [], cancellationToken).ConfigureAwait(false);
        if (content is null || Definition.Read(content) is not { Shows: null } found)
            throw ModelFaults.NoTable(table.Name);
        return found.IsOf(table) ? ModelKeys.RowsOf(found.Generation) : throw ModelFaults.OtherColumns(table);
    }

    /// <summary>The partitions that have the rows of some tables.</summary>
    /// <exception cref="StoreSchemaException">One is not there, or has other columns.</exception>
    public async Task<IReadOnlyDictionary<ModelTable, string>> FindRowsAsync(
        IEnumerable<ModelTable> some, CancellationToken cancellationToken)
    {
        var partitions = new Dictionary<ModelTable, string>();
        foreach (var table in some)
            partitions[table] = await FindRowsAsync(table, cancellationToken).ConfigureAwait(false);
        return partitions;
    }

    /// <summary>
    /// Whether tables are there, with their rows where they were found. Who drops a table deletes its definition first,
    /// and then ends each attempt that has a row of it locked. So an attempt that finds the tables after it has locked
    /// its rows counts before they are dropped, or not at all.
    /// </summary>
    public async Task<bool> AreThereAsync(IReadOnlyDictionary<ModelTable, string> partitions)
    {
        try
        {
            foreach (var (table, partition) in partitions)
            {
                if (await FindRowsAsync(table, CancellationToken.None).ConfigureAwait(false) != partition) return false;
            }

            return true;
        }
        catch (StoreSchemaException)
        {
            return false;
        }
    }

    /// <summary>The row of a view as it is, and as it shall be.</summary>
    /// <exception cref="StoreSchemaException">A table has the name.</exception>
    public async Task<(StoredModel Row, ModelContent Next)> ShowAsync(
        ModelView view, CancellationToken cancellationToken)
    {
        var row = await rows.FindFreeAsync(ModelKeys.Tables, view.Name, cancellationToken).ConfigureAwait(false);
        if (row.Now is { } there && Definition.Read(there).Shows is null) throw ModelFaults.NameOfTable(view.Name);
        return (row, new Definition(default, [], view.Table.Name).ToContent());
    }

    /// <summary>Drops a table with its rows, and the views of it.</summary>
    public async Task DropAsync(string table, CancellationToken cancellationToken)
    {
        while (true)
        {
            var row = await rows.FindFreeAsync(ModelKeys.Tables, table, cancellationToken).ConfigureAwait(false);
            if (row.Now is not { } there || Definition.Read(there) is not { Shows: null } found) break;
            await MarkAsync(table, found.Generation, cancellationToken).ConfigureAwait(false);
            var gone = row with { Now = null };
            if (await account.TryTransactAsync([gone.ToAction()], cancellationToken).ConfigureAwait(false)) break;
        }

        // Nothing that begins from here on finds the table.
        await DropViewsAsync(table, cancellationToken).ConfigureAwait(false);
        await PurgeDroppedAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task DropViewsAsync(string table, CancellationToken cancellationToken)
    {
        await foreach (var row in new TableRange(ModelKeys.Tables, "", ModelKeys.End)
            .ReadAsync(account, cancellationToken).ConfigureAwait(false))
        {
            var view = await rows.FindFreeAsync(ModelKeys.Tables, StoredModel.Read(row).Key, cancellationToken)
                .ConfigureAwait(false);
            while (view.Now is { } content && Definition.Read(content).Shows == table)
            {
                await account.TryTransactAsync([(view with { Now = null }).ToAction()], cancellationToken)
                    .ConfigureAwait(false);
                view = await rows.FindFreeAsync(ModelKeys.Tables, view.Key, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    // Before the table is dropped: what is left of it is found when the process ends in between.
    private Task MarkAsync(string table, Guid generation, CancellationToken cancellationToken) => account.CallAsync(
        token => account.Table.UpsertEntityAsync(
            new TableEntity(ModelKeys.Dropped, $"{generation:n}") { [NameName] = table }, TableUpdateMode.Replace,
            token),
        cancellationToken);

    private async Task PurgeDroppedAsync(CancellationToken cancellationToken)
    {
        var dropped = await new TableRange(ModelKeys.Dropped, "", ModelKeys.End)
            .ReadAllAsync(account, static row => (Guid.Parse(row.RowKey), row.GetString(NameName)), cancellationToken)
            .ConfigureAwait(false);
        foreach (var (generation, table) in dropped)
        {
            var row = await rows.FindFreeAsync(ModelKeys.Tables, table, cancellationToken).ConfigureAwait(false);
            if (row.Now is { } there && Definition.Read(there).Generation == generation) continue;
            await PurgeAsync(generation, cancellationToken).ConfigureAwait(false);
            await account.CallAsync(
                token => account.Table.DeleteEntityAsync(ModelKeys.Dropped, $"{generation:n}", ETag.All, token),
                cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The generations of the tables that are there.</summary>
    public async Task<HashSet<Guid>> ReadGenerationsAsync(CancellationToken cancellationToken)
    {
        var all = await new TableRange(ModelKeys.Tables, "", ModelKeys.End)
            .ReadAllAsync(account, StoredModel.Read, cancellationToken).ConfigureAwait(false);
        return [.. all.Select(static one => one.Now).OfType<ModelContent>().Select(Definition.Read)
            .Where(static one => one.Shows is null).Select(static one => one.Generation)];
    }

    /// <summary>Deletes all rows and blobs of a table that is not there any more.</summary>
    public async Task PurgeAsync(Guid generation, CancellationToken cancellationToken)
    {
        var range = new TableRange(ModelKeys.RowsOf(generation), "", ModelKeys.End) { Select = StoredModel.KeyNames };
        var (some, ended) = (new List<string>(), new HashSet<Guid>());
        await foreach (var row in range.ReadAsync(account, cancellationToken).ConfigureAwait(false))
        {
            // It must not count from here on: its checkpoint would be ahead of the rows that are deleted.
            if (StoredModel.LockOf(row) is { } held && ended.Add(held.Attempt))
                await decisions.EndAsync(held.DecidedIn, held.Attempt, cancellationToken).ConfigureAwait(false);
            some.Add(row.RowKey);
            if (some.Count < TransactionLimits.RowsMax) continue;
            await account.DeleteRowsAsync(range.Partition, some, cancellationToken).ConfigureAwait(false);
            some.Clear();
        }

        await account.DeleteRowsAsync(range.Partition, some, cancellationToken).ConfigureAwait(false);
        while (await blobs.ListAsync(ModelBlobs.Of(generation), null, TableRange.PageMax, cancellationToken)
            .ConfigureAwait(false) is { Values.Count: > 0 } page)
        {
            foreach (var blob in page.Values)
                await blobs.DeleteAsync(blob.Name, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>What a name stands for: a table with its columns, or the table that a view shows.</summary>
    internal sealed record Definition(Guid Generation, IReadOnlyList<string> Columns, string? Shows)
    {
        public static Definition Of(ModelTable table, Guid generation) => new(generation, Describe(table), null);

        public static Definition Read(ModelContent content) =>
            JsonSerializer.Deserialize<Definition>(content.Document!.Value.Span)!;

        public bool IsOf(ModelTable table) => Columns.SequenceEqual(Describe(table));

        public ModelContent ToContent()
        {
            var document = JsonSerializer.SerializeToUtf8Bytes(this);
            return new ModelContent(1, default, [], document.Length) { Document = document };
        }

        private static string[] Describe(ModelTable table) =>
            [.. table.Columns.Select(static one => $"{one.Name} {one.Kind}")];
    }
}
