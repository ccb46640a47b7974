namespace Granary.Storage.AzureStorage;

/// <summary>The names of the blobs that have large documents of models.</summary>
internal static class ModelBlobs
{
    private const string Folder = "models";
    private const int Parts = 4;

    /// <summary>What those of a table begin with.</summary>
    public static string Of(Guid generation) => $"{Folder}/{ModelKeys.RowsOf(generation)}/";

    /// <summary>A name that no other blob ever has.</summary>
    public static string NewName(StoredModel row, TimeProvider time) =>
        $"{Folder}/{row.Partition}/{row.RowKey}/{Uuid7.New(time):n}";

    /// <summary>The row that a blob is of; null where it is of none.</summary>
    public static (string Partition, string RowKey)? Parse(string name)
    {
        var parts = name.Split('/');
        return parts.Length == Parts && parts[0] == Folder ? (parts[1], parts[2]) : null;
    }
}
