namespace Granary.Storage.Sqlite;

/// <summary>A step from one schema to the next.</summary>
/// <param name="To">The version of the schema that it leads to, from the one before.</param>
/// <param name="Sql">SQL for the whole file.</param>
/// <param name="PartitionSql">SQL for each partition, whose number replaces <c>{partition}</c>.</param>
internal sealed record SqliteMigration(int To, string Sql, string PartitionSql);
