using System.Diagnostics;
using Granary.Tests;
using Npgsql;

namespace Granary.Benchmarks;

/// <summary>How long the server takes to flush its log.</summary>
internal static class FlushMeasure
{
    /// <summary>
    /// The median of the smallest transactions that write anything, less the median of those that do not; in
    /// microseconds.
    /// </summary>
    public static async Task<double> RunAsync(RunSize size)
    {
        await using var connection = new NpgsqlConnection(PostgresServer.ConnectionString);
        await connection.OpenAsync();
        var times = size.Of(2_000, 300);
        var read = await MedianAsync(connection, "SELECT 1", times);
        var written = await MedianAsync(connection, "SELECT pg_logical_emit_message(true, 'bench', '')", times);
        return written - read;
    }

    private static async Task<double> MedianAsync(NpgsqlConnection connection, string sql, int times)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.PrepareAsync();
        var found = new double[times];
        for (var at = 0; at < times; at++)
        {
            var start = Stopwatch.GetTimestamp();
            await command.ExecuteNonQueryAsync();
            found[at] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }

        return new Series(found).Median;
    }
}
