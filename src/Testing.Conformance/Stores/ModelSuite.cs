using System.Text;
using System.Text.Json;

namespace Granary.Testing.Conformance.Stores;

/// <summary>What the suites of model stores have in common: a table, and how its rows are written and read.</summary>
public abstract class ModelSuite<TStore> : StoreConformance<TStore>
    where TStore : TestStore, new()
{
    /// <summary>A table with a column that most tests do not care for.</summary>
    protected static ModelTable Orders { get; } = new("orders", new ModelColumn("amount", ModelColumnKind.Integer));

    /// <summary>Further instances on the same data, as other processes have them.</summary>
    protected async Task<IModelStore> OtherAsync() => (await Data.OpenAsync()).Models!;

    protected async Task CreateAsync(params ModelTable[] tables)
    {
        foreach (var table in tables) await Models.CreateTableAsync(table, Token);
    }

    protected static ReadOnlyMemory<byte> Json(string text) => Encoding.UTF8.GetBytes(text);

    protected static ModelWrite Put(string key, ModelRow? expected = null, string document = "{}", long? amount = 1) =>
        ModelWrite.Put(Orders, key, expected, Json(document), [amount]);

    /// <summary>A move of a reader's checkpoint in the first partition.</summary>
    protected ModelAdvance Move(string name, long from, long to, long epoch = 0, int partition = 0) =>
        new(new(name, new(partition), new(from), new(to), epoch), NextId(), NextId());

    protected async Task<ModelCommitOutcome> CommitAsync(ModelCommit commit) => await Models.CommitAsync(commit, Token);

    /// <summary>Writes rows, and moves no checkpoint.</summary>
    protected async Task WriteAsync(params ModelWrite[] writes) =>
        Assert.Equal(ModelCommitOutcome.Committed, await CommitAsync(new ModelCommit(writes)));

    protected async Task<ModelRow?> RowAsync(string key, IModelStore? models = null) =>
        (await (models ?? Models).ReadAsync(Orders, [key], Token)).SingleOrDefault();

    protected async Task<ModelRow> ExistingAsync(string key)
    {
        var row = await RowAsync(key);
        Assert.NotNull(row);
        return row;
    }

    protected async Task<ModelCheckpoint?> CheckpointAsync(string name) =>
        await Models.ReadCheckpointAsync(name, default, Token);

    /// <summary>All rows of the table, as text that a test compares.</summary>
    protected async Task<string[]> RowsAsync(IModelStore? models = null) =>
        (await (models ?? Models).QueryAsync(new ModelQuery(Orders) { Limit = GranaryLimits.PageSizeMax }, Token))
        .Rows.Select(static row => $"{row.Key} {Text(row)} {row.Position} {row.Revision}").ToArray();

    protected static string Text(ModelRow row) => Encoding.UTF8.GetString(row.Document.Span);

    protected static void AssertSameJson(ReadOnlyMemory<byte> expected, ReadOnlyMemory<byte> actual)
    {
        using var one = JsonDocument.Parse(expected);
        using var other = JsonDocument.Parse(actual);
        Assert.True(
            JsonElement.DeepEquals(one.RootElement, other.RootElement),
            $"{one.RootElement} was read back as {other.RootElement}.");
    }
}
