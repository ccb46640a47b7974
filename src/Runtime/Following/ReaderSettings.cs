using System.Text.Json;

namespace Granary.Runtime;

/// <summary>Reads and changes what is asked of readers, in the model store: every silo reads the same.</summary>
internal sealed class ReaderSettings(IModelStore models)
{
    private const int TriesMax = 20;

    /// <summary>What is asked of a reader; the default where nothing was.</summary>
    public async ValueTask<ReaderSetting> ReadAsync(string name, CancellationToken cancellationToken) =>
        Parse((await models.ReadAsync(ReaderTables.Readers, [name], cancellationToken)).SingleOrDefault());

    /// <summary>Changes what is asked of a reader.</summary>
    /// <exception cref="StoreUnavailableException">Others change it all the time.</exception>
    public async ValueTask ChangeAsync(
        string name, Func<ReaderSetting, ReaderSetting> change, CancellationToken cancellationToken)
    {
        for (var tries = 0; tries < TriesMax; tries++)
        {
            var row = (await models.ReadAsync(ReaderTables.Readers, [name], cancellationToken)).SingleOrDefault();
            var before = Parse(row);
            var after = change(before);
            if (after == before) return;
            var document = JsonSerializer.SerializeToUtf8Bytes(after, ReaderJson.Default.ReaderSetting);
            var commit = new ModelCommit(ModelWrite.Put(ReaderTables.Readers, name, row, document, []))
            {
                Durable = true,
            };
            if (await models.CommitAsync(commit, cancellationToken) == ModelCommitOutcome.Committed) return;
        }

        throw new StoreUnavailableException(
            $"What is asked of the reader '{name}' was changed by others {TriesMax} times meanwhile. Try again.");
    }

    private static ReaderSetting Parse(ModelRow? row) => row is null
        ? new ReaderSetting()
        : JsonSerializer.Deserialize(row.Document.Span, ReaderJson.Default.ReaderSetting) ?? new ReaderSetting();
}
