using System.Globalization;
using System.Text.Json;

namespace Granary.Runtime;

/// <summary>
/// Which build of an SQL projection may write, with a row for each partition. What applies events writes the row of its
/// partition in the same transaction, and what resets the projection's tables writes all of them: so no events of an
/// earlier build are applied once the tables were reset, whichever silo takes itself for the owner.
/// </summary>
internal sealed class SqlBuildsTable(IModelStore models)
{
    /// <summary>The table.</summary>
    public static ModelTable Table { get; } = new("granary_sql_projections");

    /// <summary>The row of a partition.</summary>
    public async ValueTask<SqlBuildRow> ReadAsync(
        string projection, LogPartition partition, CancellationToken cancellationToken)
    {
        var rows = await models.ReadAsync(Table, [KeyOf(projection, partition.Value)], cancellationToken);
        return Of(partition.Value, rows.SingleOrDefault());
    }

    /// <summary>The rows of all partitions.</summary>
    public async ValueTask<IReadOnlyList<SqlBuildRow>> ReadAllAsync(
        string projection, int partitionCount, CancellationToken cancellationToken)
    {
        var keys = Enumerable.Range(0, partitionCount).Select(at => KeyOf(projection, at)).ToArray();
        var rows = new Dictionary<string, ModelRow>(StringComparer.Ordinal);
        foreach (var some in keys.Chunk(GranaryLimits.PageSizeMax))
        {
            foreach (var one in await models.ReadAsync(Table, some, cancellationToken)) rows[one.Key] = one;
        }

        return [.. keys.Select((key, at) => Of(at, rows.GetValueOrDefault(key)))];
    }

    /// <summary>Writes a row, if it is as it was read.</summary>
    public static ModelWrite Put(string projection, SqlBuildRow read, SqlBuild build) => ModelWrite.Put(
        Table, KeyOf(projection, read.Partition), read.Row,
        JsonSerializer.SerializeToUtf8Bytes(build, SqlBuildJson.Default.SqlBuild), []);

    private static string KeyOf(string projection, int partition) =>
        string.Create(CultureInfo.InvariantCulture, $"{projection}/{partition}");

    private static SqlBuildRow Of(int partition, ModelRow? row) => new(
        partition,
        row,
        row is null
            ? null
            : JsonSerializer.Deserialize(row.Document.Span, SqlBuildJson.Default.SqlBuild)
            ?? throw new StoreCorruptException($"The build of the SQL projection in '{row.Key}' cannot be read."));
}
