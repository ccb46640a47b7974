using System.Data.Common;
using System.Globalization;

namespace Granary.Testing.Conformance.Stores;

/// <summary>What tests of model stores in a database need: a table of their own, written with SQL.</summary>
public abstract class SqlModelSuite<TStore> : ModelSuite<TStore>
    where TStore : TestStore, new()
{
    /// <summary>The model store. Where others cannot write in its transactions, the test is skipped.</summary>
    protected ISqlModelStore Sql
    {
        get
        {
            Assert.SkipWhen(Models is not ISqlModelStore, "Others cannot write in the store's transactions.");
            return (ISqlModelStore)Models;
        }
    }

    /// <summary>A further instance on the same data, as another process has it.</summary>
    protected async Task<ISqlModelStore> OtherSqlAsync() => (ISqlModelStore)await OtherAsync();

    /// <summary>A table of one column, dropped at the end of the test.</summary>
    protected async Task<OwnTable> CreateOwnTableAsync()
    {
        var table = new OwnTable(Sql, $"written_{Uuid7.New(TimeProvider.System):n}");
        await RunAsync($"CREATE TABLE {table.Name} (x integer PRIMARY KEY)");
        return table;
    }

    protected async Task RunAsync(string sql) => Assert.Equal(
        ModelCommitOutcome.Committed,
        await Sql.CommitAsync(new ModelCommit(), (connection, transaction, token) =>
            ExecuteAsync(connection, transaction, sql, token), Token));

    /// <summary>The values in the table, in order, as one text.</summary>
    protected static async Task<string> ReadAsync(ISqlModelStore models, OwnTable table)
    {
        var values = new List<string>();
        await models.CommitAsync(
            new ModelCommit(),
            async (connection, transaction, token) =>
            {
                await using var command = connection.CreateCommand();
                command.Transaction = transaction;
                command.CommandText = $"SELECT x FROM {table.Name} ORDER BY x";
                await using var reader = await command.ExecuteReaderAsync(token);
                while (await reader.ReadAsync(token))
                    values.Add(Convert.ToString(reader.GetValue(0), CultureInfo.InvariantCulture)!);
            },
            Token);
        return string.Join(' ', values);
    }

    protected static async Task ExecuteAsync(
        DbConnection connection, DbTransaction transaction, string sql, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>A table of a test.</summary>
    protected sealed class OwnTable(ISqlModelStore models, string name) : IAsyncDisposable
    {
        public string Name => name;

        /// <summary>Writes a value.</summary>
        public SqlModelWrite Insert(int value) => (connection, transaction, token) => ExecuteAsync(
            connection, transaction,
            string.Create(CultureInfo.InvariantCulture, $"INSERT INTO {name} VALUES ({value})"), token);

        public async ValueTask DisposeAsync() => await models.CommitAsync(
            new ModelCommit(),
            (connection, transaction, token) => ExecuteAsync(connection, transaction, $"DROP TABLE {name}", token),
            CancellationToken.None);
    }
}
