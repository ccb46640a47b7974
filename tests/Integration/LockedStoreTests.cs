using System.Globalization;
using System.Net;
using Microsoft.Data.Sqlite;

namespace Granary.Tests.Integration;

public sealed class LockedStoreTests : IDisposable
{
    private const string Stream = "/api/streams/locked/1";

    private readonly TempFolder _data = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_store_that_another_process_locks_is_503_and_recovers_when_it_unlocks()
    {
        await using var silo = await SiloProcess.StartAsync(
            _data.Path, "--Granary:Sqlite:BusyTimeoutMs=10", "--Granary:Journal:RetryTimeoutMs=100");
        (await silo.Api.PostAsync(Stream, Events.Numbered(1))).Is(HttpStatusCode.Created);

        await using (await LockAsync())
        {
            var answer = await silo.Api.PostAsync(Stream, Events.Numbered(2), ("Idempotency-Key", "k"));
            answer.IsProblem(HttpStatusCode.ServiceUnavailable);
            Assert.True(int.Parse(answer.Headers["Retry-After"], CultureInfo.InvariantCulture) > 0);
            Assert.DoesNotContain(_data.Path, answer.Text, StringComparison.Ordinal);
            Assert.Single(await silo.Api.PagesAsync(Stream + "/events"));
        }

        (await silo.Api.PostAsync(Stream, Events.Numbered(2), ("Idempotency-Key", "k"))).Is(HttpStatusCode.Created);
        Assert.Equal(3, (await silo.Api.PagesAsync(Stream + "/events")).Count);
    }

    public void Dispose() => _data.Dispose();

    // SQLite lets one writer in at a time; this one stays.
    private async Task<SqliteConnection> LockAsync()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = Path.Combine(_data.Path, "granary.db"),
            Pooling = false,
        }.ToString());
        await connection.OpenAsync(Token);
        await using var command = connection.CreateCommand();
        command.CommandText = "begin immediate";
        await command.ExecuteNonQueryAsync(Token);
        return connection;
    }
}
