using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Npgsql;

namespace Granary.Silo;

/// <summary>
/// Connections for Orleans' providers. They read their queries from a table that they name without a schema; here it
/// gets one. A search path would do as well, but it belongs to a session, which a pooler shares.
/// </summary>
internal sealed class QualifiedDataSource(NpgsqlDataSource database) : DbDataSource
{
    public override string ConnectionString => database.ConnectionString;

    // Orleans asks for one to see what it is of; it is never opened.
    protected override DbConnection CreateDbConnection() => database.CreateConnection();

    protected override DbConnection OpenDbConnection() => new QualifiedConnection(database.OpenConnection());

    protected override async ValueTask<DbConnection> OpenDbConnectionAsync(CancellationToken cancellationToken) =>
        new QualifiedConnection(await database.OpenConnectionAsync(cancellationToken));

    private sealed class QualifiedConnection(NpgsqlConnection connection) : DbConnection
    {
        [AllowNull]
        public override string ConnectionString
        {
            get => connection.ConnectionString;
            set => connection.ConnectionString = value;
        }

        public override string Database => connection.Database;

        public override string DataSource => connection.DataSource;

        public override string ServerVersion => connection.ServerVersion;

        public override ConnectionState State => connection.State;

        public override void Open() => connection.Open();

        public override Task OpenAsync(CancellationToken cancellationToken) => connection.OpenAsync(cancellationToken);

        public override void Close() => connection.Close();

        public override Task CloseAsync() => connection.CloseAsync();

        public override void ChangeDatabase(string databaseName) => connection.ChangeDatabase(databaseName);

        public override ValueTask DisposeAsync() => connection.DisposeAsync();

        protected override DbTransaction BeginDbTransaction(IsolationLevel isolationLevel) =>
            connection.BeginTransaction(isolationLevel);

        protected override DbCommand CreateDbCommand() => new QualifiedCommand { Connection = connection };

        protected override void Dispose(bool disposing)
        {
            if (disposing) connection.Dispose();
            base.Dispose(disposing);
        }
    }

    private sealed class QualifiedCommand : NpgsqlCommand
    {
        private const string Table = "OrleansQuery";

        [AllowNull]
        public override string CommandText
        {
            get => base.CommandText;
            set => base.CommandText = value?.Replace(
                $" FROM {Table}", $" FROM {PostgresSchema.Name}.{Table}", StringComparison.Ordinal);
        }
    }
}
