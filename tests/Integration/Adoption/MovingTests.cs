using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;

namespace Granary.Tests.Integration;

/// <summary>
/// An application on LogStorage over Azure Table moves to Granary while clients call it: what they got an answer for is
/// in the log, once, in its order, before and after the move.
/// </summary>
public sealed class MovingTests : IAsyncLifetime
{
    private const int Callers = 8;
    private const int NotesEach = 25;

    private readonly TempFolder _data = new();
    private readonly FreePorts _ports = FreePorts.Reserve(2);
    private readonly string _service = $"test-{Uuid7.New(TimeProvider.System):n}";
    private TaskCompletionSource _silo = NewSignal();
    private int _acknowledged;
    private volatile Milestone _awaited = new(int.MaxValue, NewSignal());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        Assert.SkipWhen(AzuriteServer.SkipReason is not null, AzuriteServer.SkipReason ?? "");
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _ports.Dispose();
        _data.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nothing_that_a_client_got_an_answer_for_is_lost(bool killed)
    {
        await using var before = await StartAsync(MovingSilo.Before);
        using var application = BuildClient();
        await application.StartAsync(Token);
        var client = application.Services.GetRequiredService<IClusterClient>();
        var callers = Enumerable.Range(0, Callers).Select(number => new MovingCaller(number, client)).ToArray();
        var calling = callers.Select(one => one.RunAsync(NotesEach, () => _silo.Task, OnAcknowledged)).ToArray();

        await ReachedAsync(Callers * NotesEach / 3, calling);
        await EndAsync(before, killed);
        await using var after = await StartAsync(MovingSilo.After);
        await ReachedAsync(Callers * NotesEach * 2 / 3, calling);
        await EndAsync(after, killed);
        await using var next = await StartAsync(MovingSilo.After);
        await Task.WhenAll(calling);

        var stored = 0;
        foreach (var grain in callers.GroupBy(static one => one.Grain))
        {
            var log = await client.GetGrain<INotesGrain>(grain.Key).Read();
            stored += log.Count();
            Assert.Equal(log.Distinct(), log);
            Assert.Empty(log.Except(grain.SelectMany(static one => one.Acknowledged.Concat(one.Unknown))));
            foreach (var caller in grain)
                Assert.Equal(caller.Acknowledged, log.Where(caller.Acknowledged.Contains));
        }

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{callers.Sum(static one => one.Acknowledged.Count)} notes acknowledged, of which 0 are lost; "
            + $"{callers.Sum(static one => one.Unknown.Count)} calls got an error; {stored} notes are in the logs.");
        await application.StopAsync(Token);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void OnAcknowledged()
    {
        var count = Interlocked.Increment(ref _acknowledged);
        if (_awaited is { } awaited && count >= awaited.Count) awaited.Reached.TrySetResult();
    }

    // Where a caller fails, it is that failure which is reported.
    private async Task ReachedAsync(int count, Task[] calling)
    {
        var reached = NewSignal();
        _awaited = new(count, reached);
        if (Volatile.Read(ref _acknowledged) >= count) return;
        var first = await Task.WhenAny([reached.Task, .. calling]);
        await first;
        await reached.Task.WaitAsync(Token);
    }

    private async Task EndAsync(ChildProcess silo, bool killed)
    {
        _silo = NewSignal();
        if (killed) await silo.KillAsync();
        else await silo.TerminateAsync(Token);
    }

    private async Task<ChildProcess> StartAsync(string which)
    {
        var silo = ChildProcess.Run(
            [
                "dotnet", "exec", Path.Combine(AppContext.BaseDirectory, "Granary.Tests.Integration.dll"),
                MovingSilo.Mode, which, $"{_ports[0]}", $"{_ports[1]}", _service, Path.Combine(_data.Path, "new.db"),
            ],
            _data.Path, [(MovingSilo.AccountVariable, AzuriteServer.ConnectionString)]);
        await silo.LineAsync(static line => line == MovingSilo.Ready, Token);
        _silo.TrySetResult();
        return silo;
    }

    private IHost BuildClient()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.UseOrleansClient(client => client
            .UseLocalhostClustering(_ports[1], serviceId: _service, clusterId: _service)
            .Configure<GatewayOptions>(static gateway => gateway.GatewayListRefreshPeriod = TimeSpan.FromSeconds(1))
            .Configure<ClientMessagingOptions>(static client => client.ResponseTimeout = TimeSpan.FromSeconds(5)));
        return builder.Build();
    }

    private sealed record Milestone(int Count, TaskCompletionSource Reached);
}
