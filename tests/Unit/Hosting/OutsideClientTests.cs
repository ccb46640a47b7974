using System.Text;
using Granary.Client;
using Granary.Contracts;
using Granary.Runtime;
using Granary.Testing;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;

namespace Granary.Tests.Unit.Hosting;

/// <summary>An application that is no silo uses streams over its Orleans client.</summary>
public sealed class OutsideClientTests : IAsyncLifetime
{
    private readonly FaultInjectingEventStore _store = new(new MemoryEventStore());
    private InProcessTestCluster _cluster = null!;
    private IGranaryClient _client = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddSingleton<IEventStore>(_store);
            silo.Services.AddSingleton<ISnapshotStore>(new MemorySnapshotStore());
            silo.AddGranary().ConfigureJournal(static options => options.RetryTimeoutMs = 1).AddGranaryGrains();
        });
        builder.ConfigureClient(static client => client.Services.AddGranaryClient());
        _cluster = builder.Build();
        await _cluster.DeployAsync();
        _client = _cluster.Client.ServiceProvider.GetRequiredService<IGranaryClient>();
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Events_are_appended_and_read()
    {
        var stream = new StreamName("orders", "1");
        var answer = await _client.AppendAsync(stream, new StreamAppend([Placed()]), Token);
        var here = ExpectedVersion.Exactly(answer.Version, answer.Position.Position);
        var second = new StreamAppend([Placed(), Placed()], here, "key");
        answer = await _client.AppendAsync(stream, second, Token);
        var (again, conflict) = (
            await _client.AppendAsync(stream, second, Token),
            await _client.AppendAsync(stream, new StreamAppend([Placed()], here), Token));

        Assert.Equal(
            (AppendOutcome.Appended, new StreamVersion(2), new StreamVersion(3)),
            (answer.Outcome, answer.FirstVersion, answer.Version));
        Assert.Equal(answer with { Outcome = AppendOutcome.AlreadyAppended }, again);
        Assert.Equal((AppendOutcome.Conflict, answer.Version), (conflict.Outcome, conflict.Version));
        Assert.Equal(answer.Position, (await _client.ReadHeadAsync(stream, Token)).Position);
        var backward = await _client.ReadStreamAsync(
            stream, new(long.MaxValue), 2, ReadDirection.Backward, Token);
        Assert.Equal([3, 2], backward.Events.Select(static one => one.Version.Value));
        Assert.Equal(3, (await _client.ReadLogAsync(LogPosition.StartOf(default), 10, Token)).Events.Count);
        Assert.Equal("""{"total":1}""", Encoding.UTF8.GetString((await _client.ReadStateAsync(stream, Token)).Json));
        Assert.Equal(1, (await _client.ReadStateAsync(stream, new StreamVersion(1), Token)).Version.Value);
    }

    [Fact]
    public async Task An_append_that_expects_a_cleared_stream_as_its_head_was_read_lands_and_no_other_does()
    {
        var stream = new StreamName("orders", "cleared");
        var append = new StreamAppend([Placed()]);
        await _client.AppendAsync(stream, append, Token);
        await _store.CommitAsync(
            Append.Clear(stream, ExpectedVersion.Any, AppendId.New(TimeProvider.System)),
            TimeProvider.System.GetUtcNow(), Token);
        var head = await _client.ReadHeadAsync(stream, Token);
        Assert.Equal((0, 2), (head.Version.Value, head.Position.Position.Value));

        var here = append with { Expected = ExpectedVersion.Exactly(head.Version, head.Position.Position) };
        var elsewhere = append with { Expected = ExpectedVersion.Exactly(head.Version, new(1)) };
        Assert.Equal(AppendOutcome.Conflict, (await _client.AppendAsync(stream, elsewhere, Token)).Outcome);
        var answer = await _client.AppendAsync(stream, here, Token);
        Assert.Equal((AppendOutcome.Appended, new StreamVersion(1)), (answer.Outcome, answer.Version));
        Assert.Equal(AppendOutcome.Conflict, (await _client.AppendAsync(stream, here, Token)).Outcome);
    }

    [Fact]
    public async Task Errors_arrive_as_their_own_types()
    {
        var stream = new StreamName("orders", "2");
        var one = new StreamAppend([Placed()], IdempotencyKey: "key");
        await _client.AppendAsync(stream, one, Token);

        await Assert.ThrowsAsync<CommandIdReusedException>(
            () => _client.AppendAsync(stream, one with { Events = [Placed(), Placed()] }, Token));
        await Assert.ThrowsAsync<LimitExceededException>(
            () => _client.AppendAsync(stream, new StreamAppend([new("placed", new byte[2_000_000])]), Token));
        await Assert.ThrowsAsync<CategoryOwnedException>(
            () => _client.AppendAsync(new StreamName("account", "1"), one, Token));
        await Assert.ThrowsAsync<ArgumentException>(() => _client.AppendAsync(stream, new StreamAppend([]), Token));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => _client.ReadStateAsync(stream, new StreamVersion(9), Token));
        _store.FailReads(1, StoreReads.Heads);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => _client.ReadHeadAsync(stream, Token));
        _store.FailBeforeCommit(int.MaxValue);
        await Assert.ThrowsAsync<EventsNotConfirmedException>(
            () => _client.AppendAsync(stream, new StreamAppend([Placed()]), Token));
    }

    [Fact]
    public async Task What_is_cancelled_before_it_is_sent_is_not_appended()
    {
        var stream = new StreamName("orders", "3");
        var append = new StreamAppend([Placed()]);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _client.AppendAsync(stream, append, new CancellationToken(canceled: true)));

        // The grain takes calls in their order.
        var answer = await _client.AppendAsync(stream, append, Token);
        Assert.Equal(new StreamVersion(1), answer.Version);
    }

    private static StreamEvent Placed() => new("placed", Encoding.UTF8.GetBytes("""{"total":1}"""));
}
