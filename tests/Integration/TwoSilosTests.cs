using System.Net;

namespace Granary.Tests.Integration;

/// <summary>On one file.</summary>
public sealed class SqliteTwoSilosTests : TwoSilosTests
{
    protected override string[] CreateStore() => [];
}

/// <summary>On one storage account.</summary>
public sealed class AzureTwoSilosTests : TwoSilosTests
{
    protected override string? SkipReason => AzuriteServer.SkipReason;

    protected override string[] CreateStore() => AzureStoreSettings.New(partitions: 1);
}

/// <summary>
/// Two separate silos on one store: the store's version check is all that there is between them.
/// </summary>
public abstract class TwoSilosTests : IDisposable
{
    private const int Writers = 6;
    private const int AcknowledgedWanted = 400;

    private readonly TempFolder _data = new();
    private readonly LogAudit _audit = new();

    /// <summary>Why the store's server is not there; null where it is.</summary>
    protected virtual string? SkipReason => null;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Writing_the_same_streams_loses_and_doubles_nothing()
    {
        var seed = Randomness.Seed("two silos");
        Assert.SkipWhen(SkipReason is not null, SkipReason ?? "");
        var store = CreateStore();
        await using var one = await SiloProcess.StartAsync(_data.Path, store);
        await using var other = await SiloProcess.StartAsync(_data.Path, store);
        Uri[] silos = [one.Url, other.Url];

        using var http = new HttpClient();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var left = AcknowledgedWanted;
        var writers = Enumerable.Range(0, Writers).Select(writer => new LoadWriter(
            writer, seed, () => silos, _ => throw new InvalidOperationException("A silo did not answer."),
            acknowledged =>
            {
                _audit.Acknowledge(acknowledged);
                if (Interlocked.Decrement(ref left) <= 0) stop.Cancel();
            }));
        await Task.WhenAll(writers.Select(writer => writer.RunAsync(http, stop.Token)));

        await _audit.CheckAsync(one.Api);
        await _audit.CheckStatesAsync(one.Api);
        await _audit.CheckStatesAsync(other.Api);
        Assert.Equal(_audit.Events, (await other.Api.PagesAsync("/api/log?partition=0")).Count);
    }

    [Fact]
    public async Task Of_two_that_expect_the_same_version_one_lands()
    {
        Assert.SkipWhen(SkipReason is not null, SkipReason ?? "");
        var store = CreateStore();
        await using var one = await SiloProcess.StartAsync(_data.Path, store);
        await using var other = await SiloProcess.StartAsync(_data.Path, store);
        for (var version = 0; version < 20; version++)
        {
            var condition = version == 0 ? ("If-None-Match", "*") : ("If-Match", $"\"{version}\"");
            var answers = await Task.WhenAll(
                one.Api.PostAsync("/api/streams/race/1", Events.Numbered(1), condition),
                other.Api.PostAsync("/api/streams/race/1", Events.Numbered(1), condition));
            Assert.Single(answers, answer => answer.Status == HttpStatusCode.Created);
            Assert.Single(answers, answer => answer.Status == HttpStatusCode.PreconditionFailed);
        }

        Assert.Equal(20, (await one.Api.PagesAsync("/api/streams/race/1/events")).Count);
    }

    [Fact]
    public async Task An_account_is_read_and_decided_on_as_it_is_stored_whichever_silo_is_called()
    {
        const string Account = "/api/accounts/two";
        Assert.SkipWhen(SkipReason is not null, SkipReason ?? "");
        var store = CreateStore();
        await using var one = await SiloProcess.StartAsync(_data.Path, store);
        await using var other = await SiloProcess.StartAsync(_data.Path, store);
        (await other.Api.GetAsync(Account)).IsProblem(HttpStatusCode.NotFound);
        (await one.Api.PostAsync(Account, """{"owner":"ada","currency":"EUR"}""")).Is(HttpStatusCode.Created);
        (await other.Api.GetAsync(Account)).Is(HttpStatusCode.OK);

        var amount = """{"amount":5,"currency":"EUR"}""";
        (await other.Api.PostAsync(Account + "/withdrawals", amount)).IsProblem(HttpStatusCode.Conflict);
        (await one.Api.PostAsync(Account + "/deposits", amount)).Is(HttpStatusCode.OK);
        (await other.Api.PostAsync(Account + "/withdrawals", amount)).Is(HttpStatusCode.OK);
    }

    public void Dispose()
    {
        _data.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The settings of a new store.</summary>
    protected abstract string[] CreateStore();
}
