using System.Data.Common;
using System.Globalization;

namespace Granary.Tests.Unit.Projections.Sql;

/// <summary>What the database refuses at the commit, once the code has returned, is an error of the event.</summary>
public sealed class SqlCommitFaultTests
{
    private static CancellationToken Token => SqlLog.Token;

    [Fact]
    public async Task An_event_whose_commit_is_refused_parks_its_stream_alone_and_the_others_go_on()
    {
        await using var log = new SqlLog();
        await log.AppendAsync("s", 1, 7, 1);
        await log.AppendAsync("t", 1, 1);
        var models = await log.OpenAsync();
        var (worker, _) = await log.StartAsync(models, new CheckedTable());
        await log.PassedAsync(worker);

        var parked = Assert.Single(await log.ReadParkedAsync(models));
        Assert.Equal(("account/s", 2), (parked.Stream.ToString(), parked.Position.Position.Value));
        Assert.Contains("SqliteException", parked.Error);
        Assert.Equal(["s=1", "t=2"], log.Sql(
            "SELECT account || '=' || count(*) FROM checked_deposits GROUP BY account ORDER BY account"));
    }

    /// <summary>Has a constraint that is checked at the commit.</summary>
    [Projection("checked_deposits")]
    private sealed class CheckedTable : ISqlProjection
    {
        public IEnumerable<string> Categories => ["account"];

        public IEnumerable<Type> Events => [typeof(Deposited)];

        public async Task ApplyAsync(
            IReadOnlyList<SqlProjectionEvent> events, DbConnection connection, DbTransaction transaction,
            CancellationToken cancellationToken)
        {
            foreach (var (happened, recorded) in events)
            {
                await RunAsync(connection, transaction, string.Create(
                    CultureInfo.InvariantCulture,
                    $"INSERT INTO checked_deposits VALUES ('{recorded.Stream.Key}', {((Deposited)happened).Amount})"));
            }
        }

        public Task ResetAsync(
            DbConnection connection, DbTransaction transaction, CancellationToken cancellationToken)
        {
            const string sql = """
                CREATE TABLE allowed_amounts (amount INTEGER PRIMARY KEY);
                INSERT INTO allowed_amounts VALUES (1);
                CREATE TABLE checked_deposits (
                    account TEXT,
                    amount INTEGER REFERENCES allowed_amounts (amount) DEFERRABLE INITIALLY DEFERRED)
                """;
            return RunAsync(connection, transaction, sql);
        }

        private static async Task RunAsync(DbConnection connection, DbTransaction transaction, string sql)
        {
            await using var command = connection.CreateCommand();
            (command.Transaction, command.CommandText) = (transaction, sql);
            await command.ExecuteNonQueryAsync(Token);
        }
    }
}
