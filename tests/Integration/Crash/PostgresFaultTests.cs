using System.Globalization;
using Npgsql;

namespace Granary.Tests.Integration;

/// <summary>
/// Two silos, each a cluster of its own, on one database: what one of them, the connections or the server does must
/// not lose or double what was acknowledged.
/// </summary>
public sealed class PostgresFaultTests : IDisposable
{
    private const int Writers = 6;
    private const int AcknowledgedPerFault = 40;
    private const int FaultsByDefault = 9;

    private readonly TempFolder _data = new();
    private readonly LogAudit _audit = new();
    private readonly SemaphoreSlim _acknowledged = new(0);
    private PostgresServer? _server;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_acknowledged_event_is_lost_or_doubled_whatever_ends()
    {
        Assert.SkipWhen(PostgresServer.SkipReason is not null, PostgresServer.SkipReason ?? "");
        _server = new PostgresServer();
        var seed = Randomness.Seed("faults with PostgreSQL");
        var silos = new[] { await StartAsync(), await StartAsync() };
        using var http = new HttpClient();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var writers = Enumerable.Range(0, Writers).Select(writer => new LoadWriter(
            writer, seed, () => [silos[0].Url, silos[1].Url], static _ => Task.CompletedTask, Acknowledge))
            .Select(writer => writer.RunAsync(http, stop.Token)).ToArray();
        try
        {
            for (var fault = 0; fault < Randomness.Setting(CrashTests.RoundsVariable, FaultsByDefault); fault++)
            {
                await WaitAsync(AcknowledgedPerFault, writers);
                switch (fault % 3)
                {
                    case 0:
                        await CutConnectionsAsync();
                        break;
                    case 1:
                        await silos[0].KillAsync();
                        await silos[0].DisposeAsync();
                        silos[0] = await StartAsync();
                        break;
                    default:
                        _server.Crash();
                        break;
                }
            }

            await WaitAsync(AcknowledgedPerFault, writers);
            await stop.CancelAsync();
            await Task.WhenAll(writers);
            foreach (var silo in silos) await _audit.CheckAsync(silo.Api);
            foreach (var silo in silos) await _audit.CheckStatesAsync(silo.Api);
        }
        finally
        {
            await stop.CancelAsync();
            foreach (var silo in silos) await silo.DisposeAsync();
        }
    }

    public void Dispose()
    {
        _server?.Dispose();
        _data.Dispose();
        _acknowledged.Dispose();
    }

    private Task<SiloProcess> StartAsync() => SiloProcess.StartAsync(
        _data.Path, "--Granary:Store=postgres", "--Granary:PartitionCount=1",
        $"--Granary:Postgres:ConnectionString={_server!.PrivateConnectionString}");

    private void Acknowledge(Acknowledged acknowledged)
    {
        _audit.Acknowledge(acknowledged);
        _acknowledged.Release();
    }

    private async Task WaitAsync(int times, Task[] writers)
    {
        for (var time = 0; time < times; time++)
        {
            var signalled = _acknowledged.WaitAsync(TimeSpan.FromMinutes(1), Token);
            var ended = await Task.WhenAny([signalled, .. writers]);
            await ended;
            Assert.True(ended == signalled && await signalled, "No append was acknowledged for a minute.");
        }
    }

    private async Task CutConnectionsAsync()
    {
        await using var source = NpgsqlDataSource.Create(_server!.PrivateConnectionString);
        await using var command = source.CreateCommand(string.Create(CultureInfo.InvariantCulture, $"""
            SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE application_name = 'granary' AND pid <> pg_backend_pid()
            """));
        await command.ExecuteNonQueryAsync(Token);
    }
}
