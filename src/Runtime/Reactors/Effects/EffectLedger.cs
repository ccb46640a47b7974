using System.Text.Json;

namespace Granary.Runtime;

/// <summary>
/// The ledger of effects in the model store: which were had, and what they came to. What is recorded survives a power
/// failure once the call returns.
/// </summary>
internal sealed class EffectLedger(IModelStore models, TimeProvider time)
{
    private const int TriesMax = 8;
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(50);

    /// <summary>An effect by its id; null where there is none, or no more.</summary>
    public async ValueTask<EffectRecord?> FindAsync(Guid effectId, CancellationToken cancellationToken) =>
        (await ReadAsync([effectId], cancellationToken)).GetValueOrDefault(effectId)?.Effect;

    /// <summary>Those of the effects that the ledger knows.</summary>
    public async ValueTask<Dictionary<Guid, EffectEntry>> ReadAsync(
        IEnumerable<Guid> effectIds, CancellationToken cancellationToken)
    {
        var found = new Dictionary<Guid, EffectEntry>();
        foreach (var keys in effectIds.Select(static one => KeyOf(one)).Chunk(GranaryLimits.PageSizeMax))
        {
            foreach (var row in await models.ReadAsync(EffectTables.Effects, keys, cancellationToken))
                found.Add(Guid.Parse(row.Key), Parse(row));
        }

        return found;
    }

    /// <summary>Records a try of an effect. Not cancelled: what was had has to be recorded.</summary>
    /// <param name="effectId">The effect.</param>
    /// <param name="known">What the ledger knows of it; null for nothing.</param>
    /// <param name="record">What it is to know.</param>
    /// <returns>What it knows now: where another has recorded that it is done, that.</returns>
    /// <exception cref="StoreUnavailableException">It could not be recorded, though it was tried often.</exception>
    public async ValueTask<EffectEntry> RecordAsync(Guid effectId, EffectEntry? known, EffectRecord record)
    {
        var commit = Describe(effectId, known, record);
        for (var tries = 1; ; tries++)
        {
            try
            {
                if (await models.CommitAsync(commit, CancellationToken.None) == ModelCommitOutcome.Committed)
                    return new EffectEntry(RowOf(effectId, commit), record);
                known = (await ReadAsync([effectId], CancellationToken.None)).GetValueOrDefault(effectId);
                if (known?.Effect.Done == true) return known;
                commit = Describe(effectId, known, record);
                if (tries >= TriesMax)
                    throw new StoreUnavailableException($"The effect {effectId} is recorded by others all the time.");
            }
            catch (StoreUnavailableException) when (tries < TriesMax)
            {
                // The same commit again: the store recognizes one that has landed.
            }

            await Task.Delay(RetryDelay * tries, time, CancellationToken.None);
        }
    }

    /// <summary>An effect as its row has it.</summary>
    /// <exception cref="StoreCorruptException">The row has none.</exception>
    public static EffectEntry Parse(ModelRow row) => new(
        row,
        JsonSerializer.Deserialize(row.Document.Span, EffectJson.Default.EffectRecord)
        ?? throw new StoreCorruptException($"The effect '{row.Key}' has no document."));

    private static string KeyOf(Guid effectId) => effectId.ToString("D");

    private static ModelCommit Describe(Guid effectId, EffectEntry? known, EffectRecord record) => new(
        ModelWrite.Put(
            EffectTables.Effects,
            KeyOf(effectId),
            known?.Row,
            JsonSerializer.SerializeToUtf8Bytes(record, EffectJson.Default.EffectRecord),
            [record.Reader, record.Done, record.At],
            new LogPosition(new LogPartition(record.Partition), new GlobalPosition(record.Position))))
    {
        Durable = true,
    };

    private static ModelRow RowOf(Guid effectId, ModelCommit commit) =>
        new(KeyOf(effectId), commit.Writes[0].Document!.Value, commit.Writes[0].Position, commit.Id);
}
