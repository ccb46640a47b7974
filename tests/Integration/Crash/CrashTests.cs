using System.Globalization;
using System.Text.Json;

namespace Granary.Tests.Integration;

/// <summary>In a file.</summary>
public sealed class SqliteCrashTests() : CrashTests(rounds: 20)
{
    protected override string[] CreateStore() => [];
}

/// <summary>In a storage account.</summary>
public sealed class AzureCrashTests() : CrashTests(rounds: 6)
{
    protected override string? SkipReason => AzuriteServer.SkipReason;

    protected override string[] CreateStore() => AzureStoreSettings.New(partitions: 1);
}

/// <summary>A silo that is ended under a load: what it has acknowledged is there when it comes back.</summary>
public abstract class CrashTests(int rounds) : IDisposable
{
    public const string RoundsVariable = "GRANARY_CRASH_ROUNDS";
    private const int Writers = 8;
    private const int AcknowledgedPerRoundMax = 150;

    private readonly TempFolder _data = new();
    private readonly LogAudit _audit = new();
    private readonly SemaphoreSlim _acknowledged = new(0);
    private readonly SemaphoreSlim _down = new(0);

    /// <summary>Why the store's server is not there; null where it is.</summary>
    protected virtual string? SkipReason => null;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_acknowledged_event_is_lost_or_doubled_however_often_the_silo_is_killed()
    {
        Assert.SkipWhen(SkipReason is not null, SkipReason ?? "");
        var store = CreateStore();
        var seed = Randomness.Seed("crash rounds");
        var random = new Random(seed);
        var silo = await SiloProcess.StartAsync(_data.Path, store);
        string[] arguments =
        [
            LoadProcess.Mode, Writers.ToString(CultureInfo.InvariantCulture),
            seed.ToString(CultureInfo.InvariantCulture), silo.Url.ToString(),
        ];
        await using var load = ChildProcess.Start("Granary.Tests.Integration.dll", arguments, _data.Path, OnLine);
        try
        {
            for (var round = Randomness.Setting(RoundsVariable, rounds); round > 0; round--)
            {
                await WaitAsync(_acknowledged, random.Next(1, AcknowledgedPerRoundMax), load);
                await silo.KillAsync();
                await WaitAsync(_down, Writers, load);
                await silo.DisposeAsync();

                silo = await SiloProcess.StartAsync(_data.Path, store);
                await _audit.CheckAsync(silo.Api);
                await _audit.CheckStatesAsync(silo.Api);
                await load.WriteLineAsync(LoadProcess.Resume + silo.Url, Token);
            }

            await WaitAsync(_acknowledged, AcknowledgedPerRoundMax, load);
            await load.WriteLineAsync(LoadProcess.Stop, Token);
            await load.ExitAsync(Token);
            await _audit.CheckAsync(silo.Api);
            await _audit.CheckStatesAsync(silo.Api);
            TestContext.Current.TestOutputHelper?.WriteLine($"{_audit.Events} events");
        }
        finally
        {
            await silo.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_silo_that_gets_SIGTERM_drains_and_loses_nothing()
    {
        Assert.SkipWhen(SkipReason is not null, SkipReason ?? "");
        var store = CreateStore();
        await using var silo = await SiloProcess.StartAsync(_data.Path, store);
        string[] arguments = [LoadProcess.Mode, "4", "1", silo.Url.ToString()];
        await using var load = ChildProcess.Start("Granary.Tests.Integration.dll", arguments, _data.Path, OnLine);
        await WaitAsync(_acknowledged, 50, load);

        await silo.StopAsync();
        Assert.Equal(0, silo.ExitCode);
        await WaitAsync(_down, 4, load);

        await using var again = await SiloProcess.StartAsync(_data.Path, store);
        await _audit.CheckAsync(again.Api);
        await _audit.CheckStatesAsync(again.Api);
    }

    public void Dispose()
    {
        _data.Dispose();
        _acknowledged.Dispose();
        _down.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The settings of a new store.</summary>
    protected abstract string[] CreateStore();

    private static async Task WaitAsync(SemaphoreSlim signal, int times, ChildProcess load)
    {
        for (var time = 0; time < times; time++)
        {
            var signalled = signal.WaitAsync(TimeSpan.FromMinutes(1), Token);
            if (await Task.WhenAny(signalled, load.End) != signalled || !await signalled)
                Assert.Fail($"The load went silent:\n{load.Output[^Math.Min(2000, load.Output.Length)..]}");
        }
    }

    private void OnLine(string line)
    {
        if (line.StartsWith(LoadProcess.Down, StringComparison.Ordinal))
        {
            _down.Release();
        }
        else if (line.StartsWith(LoadProcess.Ack, StringComparison.Ordinal))
        {
            _audit.Acknowledge(JsonSerializer.Deserialize<Acknowledged>(line[LoadProcess.Ack.Length..])!);
            _acknowledged.Release();
        }
    }
}
