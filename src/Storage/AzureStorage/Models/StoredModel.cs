using System.Text;
using Azure;
using Azure.Data.Tables;

namespace Granary.Storage.AzureStorage;

/// <summary>
/// The row of a model: its content, and what a commit that is under way would make of it. Such a commit has the row
/// locked: whether it counts is decided by one row for all of its rows.
/// </summary>
/// <param name="Partition">The partition of the table.</param>
/// <param name="Key">The model's key.</param>
internal sealed record StoredModel(string Partition, string Key)
{
    private const string KeyName = "Key", NowName = "Now", NextName = "Next";
    private const string AttemptName = "Attempt", DecidedName = "Decided";

    /// <summary>The properties that have all but documents in the row.</summary>
    public static readonly string[] WithoutDocuments =
        ["PartitionKey", "RowKey", KeyName, NowName, NextName, AttemptName, DecidedName];

    /// <summary>The properties that have a row's key and who has it locked.</summary>
    public static readonly string[] KeyNames = ["PartitionKey", "RowKey", AttemptName, DecidedName];

    /// <summary>The content; null where there is none yet.</summary>
    public ModelContent? Now { get; init; }

    /// <summary>The commit that has the row locked; null where none has.</summary>
    public ModelLock? Lock { get; init; }

    /// <summary>The row as it was read; the default where there is none.</summary>
    public ETag ETag { get; init; }

    public string RowKey => ModelKeys.OfRow(Key);

    /// <exception cref="StoreCorruptException">It is not as it was written.</exception>
    public static StoredModel Read(TableEntity row)
    {
        var read = new StoredModel(row.PartitionKey, Encoding.UTF8.GetString(row.FindBytes(KeyName) ?? []))
        {
            Now = ModelContent.Read(row, NowName),
            Lock = LockOf(row) is { } held ? held with { Next = ModelContent.Read(row, NextName) } : null,
            ETag = row.ETag,
        };
        return read.RowKey == row.RowKey ? read : throw RowSum.Damaged(row);
    }

    /// <summary>Who has a row locked, without the content that it would get; null where nobody has.</summary>
    /// <exception cref="StoreCorruptException">It is not as it was written.</exception>
    public static ModelLock? LockOf(TableEntity row)
    {
        row.TryGetValue(AttemptName, out var attempt);
        row.TryGetValue(DecidedName, out var decided);
        return (attempt, decided) switch
        {
            (null, null) => null,
            (Guid id, string partition) => new ModelLock(id, partition, null),
            _ => throw RowSum.Damaged(row),
        };
    }

    /// <summary>The action that makes the row so, where it is as it was read.</summary>
    public TableTransactionAction ToAction()
    {
        if (Now is null && Lock is null)
            return new(TableTransactionActionType.Delete, new TableEntity(Partition, RowKey), ETag);
        var row = new TableEntity(Partition, RowKey) { [KeyName] = Encoding.UTF8.GetBytes(Key) };
        Now?.Write(row, NowName);
        if (Lock is { } held)
        {
            row[AttemptName] = held.Attempt;
            row[DecidedName] = held.DecidedIn;
            held.Next?.Write(row, NextName);
        }

        return ETag == default
            ? new(TableTransactionActionType.Add, row)
            : new(TableTransactionActionType.UpdateReplace, row, ETag);
    }

    /// <summary>The row as the commit that has it locked makes it, or as it was.</summary>
    public StoredModel Unlocked(bool committed) => this with { Now = committed ? Lock?.Next : Now, Lock = null };
}

/// <summary>What a commit that is under way would make of a row.</summary>
/// <param name="Attempt">The attempt to commit.</param>
/// <param name="DecidedIn">The partition of the table that has the row by which it is decided.</param>
/// <param name="Next">The content; null where the row is deleted.</param>
internal sealed record ModelLock(Guid Attempt, string DecidedIn, ModelContent? Next);
