using System.Data.Common;
using System.Globalization;

namespace Granary.Tests.Unit.Projections.Sql;

/// <summary>Adds up deposits in a table of its own, as an application does.</summary>
[Projection("deposits")]
internal class DepositsTable : ISqlProjection
{
    private int _applied;
    private int _resets;

    public virtual IEnumerable<string> Categories => ["account"];

    public virtual IEnumerable<Type> Events => [typeof(Deposited), typeof(StreamCleared)];

    /// <summary>The deposits that cannot be applied.</summary>
    public HashSet<int> Poison { get; } = [];

    /// <summary>Called once everything is written.</summary>
    public Func<IReadOnlyList<SqlProjectionEvent>, Task>? OnApplied { get; set; }

    /// <summary>Called once the tables are reset.</summary>
    public Func<Task>? OnReset { get; set; }

    /// <summary>How often it was called to apply events.</summary>
    public int Applied => _applied;

    /// <summary>How often it was called to reset its tables.</summary>
    public int Resets => _resets;

    protected virtual int Factor => 1;

    public async Task ApplyAsync(
        IReadOnlyList<SqlProjectionEvent> events, DbConnection connection, DbTransaction transaction,
        CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _applied);
        foreach (var (happened, recorded) in events)
        {
            if (happened is StreamCleared)
            {
                await RunAsync(
                    connection, transaction, "DELETE FROM deposits WHERE account = $account",
                    ("$account", recorded.Stream.Key));
                continue;
            }

            var amount = ((Deposited)happened).Amount;
            await RunAsync(
                connection, transaction,
                "INSERT INTO deposits VALUES ($account, $amount, 1) ON CONFLICT (account) DO UPDATE SET total = total "
                + "+ excluded.total, count = count + 1",
                ("$account", recorded.Stream.Key), ("$amount", amount * Factor));
            if (Poison.Contains(amount)) throw new InvalidOperationException($"{amount} is refused.");
        }

        if (OnApplied is { } called) await called(events);
    }

    public async Task ResetAsync(
        DbConnection connection, DbTransaction transaction, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _resets);
        await RunAsync(
            connection, transaction,
            "DROP TABLE IF EXISTS deposits; CREATE TABLE deposits (account TEXT PRIMARY KEY, total INT, count INT); "
            + "CREATE TABLE IF NOT EXISTS resets (factor INT); INSERT INTO resets VALUES ($factor)",
            ("$factor", Factor));
        if (OnReset is { } called) await called();
    }

    private static async Task RunAsync(
        DbConnection connection, DbTransaction transaction, string sql, params (string Name, object Value)[] parameters)
    {
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, Convert.ToString(value, CultureInfo.InvariantCulture));
            if (value is int) parameter.Value = value;
            command.Parameters.Add(parameter);
        }

        await command.ExecuteNonQueryAsync();
    }
}

/// <summary>Later code of the same projection.</summary>
[Projection("deposits", Version = 2)]
internal sealed class DoubledDepositsTable : DepositsTable
{
    protected override int Factor => 2;
}
