using System.Net;

namespace Granary.Tests.Integration;

/// <summary>In files of one silo.</summary>
public sealed class SqliteModelCrashTests() : ModelCrashTests(kills: 20, partitions: 1)
{
    protected override Task<string[]> CreateStoreAsync() => Task.FromResult<string[]>([]);
}

/// <summary>In a storage account, by a reader of each of its partitions.</summary>
public sealed class AzureModelCrashTests() : ModelCrashTests(kills: 5, partitions: 4)
{
    protected override string? SkipReason => AzuriteServer.SkipReason;

    protected override Task<string[]> CreateStoreAsync() => Task.FromResult(AzureStoreSettings.New(partitions: 4));
}

/// <summary>In a database, by a reader of each of its partitions.</summary>
public sealed class PostgresModelCrashTests() : ModelCrashTests(kills: 10, partitions: 4)
{
    private PostgresDatabase? _database;

    public override async ValueTask DisposeAsync()
    {
        if (_database is not null) await _database.DisposeAsync();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected override async Task<string[]> CreateStoreAsync()
    {
        _database = await PostgresDatabase.CreateAsync();
        return ["--Granary:Store=postgres", $"--Granary:Postgres:ConnectionString={_database.ConnectionString}"];
    }
}

/// <summary>
/// However often a silo is killed, the models equal what the log holds: no event is missing or counted twice.
/// </summary>
public abstract class ModelCrashTests(int kills, int partitions) : IAsyncDisposable
{
    private const int Accounts = 10;
    private const int MovesPerRoundMax = 120;

    private readonly TempFolder _data = new();

    /// <summary>Why the store's server is not there; null where it is.</summary>
    protected virtual string? SkipReason => null;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Models_equal_the_log_after_every_kill()
    {
        Assert.SkipWhen(SkipReason is not null, SkipReason ?? "");
        var random = new Random(Randomness.Seed("model crash rounds"));
        var store = await CreateStoreAsync();
        var silo = await SiloProcess.StartAsync(_data.Path, store);
        try
        {
            for (var at = 0; at < Accounts; at++)
                (await silo.Api.PostAsync($"/api/accounts/a{at}", """{"owner":"Ada","currency":"EUR"}"""))
                    .Is(HttpStatusCode.Created);
            for (var round = 0; round < kills; round++)
            {
                var moved = new SemaphoreSlim(0);
                var moves = Enumerable.Range(0, Accounts).Select(at => MoveAsync(silo.Api, at, moved)).ToArray();
                for (var count = random.Next(1, MovesPerRoundMax); count > 0; count--)
                    Assert.True(await moved.WaitAsync(TimeSpan.FromMinutes(1), Token));
                await silo.KillAsync();
                await Task.WhenAll(moves);
                await silo.DisposeAsync();
                silo = await SiloProcess.StartAsync(_data.Path, store);
                using var http = new LedgerHttp([silo.Url]);
                await LedgerModels.CheckAsync(http, await LedgerLog.ReadAsync(http, partitions));
            }
        }
        finally
        {
            await silo.DisposeAsync();
        }
    }

    public virtual ValueTask DisposeAsync()
    {
        _data.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>Creates what it needs; its answer is the silo's settings.</summary>
    protected abstract Task<string[]> CreateStoreAsync();

    // Until the silo is gone.
    private static async Task MoveAsync(Api api, int account, SemaphoreSlim moved)
    {
        try
        {
            while (true)
            {
                var answer = await api.PostAsync(
                    $"/api/accounts/a{account}/deposits", """{"amount":1.50,"currency":"EUR"}""");
                answer.Is(HttpStatusCode.OK);
                moved.Release();
            }
        }
        catch (HttpRequestException)
        {
            // It was killed.
        }
    }
}
