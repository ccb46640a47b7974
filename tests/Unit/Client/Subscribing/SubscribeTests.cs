using System.Text;
using Granary.Client;
using Granary.Contracts;
using Granary.Runtime;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;

namespace Granary.Tests.Unit.Client.Subscribing;

/// <summary>An application that is no silo subscribes over its Orleans client.</summary>
public sealed class SubscribeTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly MemoryEventStore _store = new(4);
    private InProcessTestCluster _cluster = null!;
    private IGranaryClient _client = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = new InProcessTestClusterBuilder(2);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddSingleton<IEventStore>(_store);
            silo.Services.AddSingleton<ISnapshotStore>(new MemorySnapshotStore());
            silo.AddGranary().AddGranaryGrains();
        });
        builder.ConfigureClient(static client => client.Services.AddGranaryClient());
        _cluster = builder.Build();
        await _cluster.DeployAsync();
        _client = _cluster.Client.ServiceProvider.GetRequiredService<IGranaryClient>();
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task It_reads_what_is_stored_and_what_is_added()
    {
        await AppendAsync("orders/1", "placed");
        await using var events = _client.SubscribeAsync(LogStart.Beginning, cancellationToken: Token)
            .GetAsyncEnumerator(Token);
        Assert.Equal("orders/1 placed", await NextAsync(events));
        for (var number = 0; number < 20; number++)
        {
            await AppendAsync($"orders/{number}", "paid");
            Assert.Equal($"orders/{number} paid", await NextAsync(events));
        }
    }

    [Fact]
    public async Task It_begins_at_the_end_or_after_positions_of_all_partitions_or_of_one()
    {
        await AppendAsync("orders/1", "placed");
        var partition = _store.PartitionOf(new("orders", "1"));
        await using var ofEnd = Begin(LogStart.EndOf(partition));
        var first = NextAsync(ofEnd);
        var ends = await _client.ReadEndsAsync(Token);
        Assert.Equal((4, new GlobalPosition(1)), (ends.Items.Count, ends.Of(partition)!.Value));
        Assert.Equal("orders/1 placed", await NextAsync(Begin(LogStart.BeginningOf(partition))));
        await using var after = Begin(LogStart.After(ends));
        await AppendAsync("orders/1", "paid");
        Assert.Equal("orders/1 paid", await NextAsync(after));
        await UntilAsync(first, "orders/1");
        await using var all = Begin(LogStart.End);
        await UntilAsync(NextAsync(all), "orders/2");
    }

    [Theory]
    [InlineData("c", "a/1 x,a/1 y,a/2 x,a/2 y")]
    [InlineData("t", "a/1 x,a/2 x,b/1 x")]
    [InlineData("s", "a/2 x,a/2 y,b/1 x,b/1 y")]
    [InlineData("ct", "a/1 x,a/2 x")]
    [InlineData("cs", "a/2 x,a/2 y")]
    [InlineData("ts", "a/2 x,b/1 x")]
    [InlineData("cts", "a/2 x")]
    [InlineData("", "a/1 x,a/1 y,a/2 x,a/2 y,b/1 x,b/1 y")]
    public async Task The_filter_takes_what_all_its_parts_take(string parts, string taken)
    {
        foreach (var stream in new[] { "a/1", "a/2", "b/1" })
        {
            await AppendAsync(stream, "x");
            await AppendAsync(stream, "y");
        }

        var filter = new LogFilter
        {
            Categories = parts.Contains('c') ? new HashSet<string> { "a" } : null,
            EventTypes = parts.Contains('t') ? new SortedSet<string> { "x" } : null,
            Streams = parts.Contains('s') ? new HashSet<StreamName> { new("a", "2"), new("b", "1") } : null,
        };
        await using var events = Begin(LogStart.Beginning, filter);
        var expected = taken.Split(',');
        var seen = new List<string>();
        foreach (var _ in expected) seen.Add(await NextAsync(events));
        Assert.Equal(expected, seen.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_cannot_be_followed_is_an_error_of_its_own_type()
    {
        await AppendAsync("orders/1", "placed");
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => NextAsync(Begin(LogStart.EndOf(new(4)))));
        await Assert.ThrowsAsync<LogReplacedException>(
            () => NextAsync(Begin(LogStart.After(LogPositions.Parse("0:0,3:99")))));
        var streams = Enumerable.Range(0, GranaryLimits.FilterStreamsMax + 1)
            .Select(static one => new StreamName("a", $"{one}"));
        Assert.Throws<LimitExceededException>(
            () => _client.SubscribeAsync(LogStart.End, new LogFilter { Streams = streams.ToHashSet() }, Token));
        var log = _cluster.Client.GetGrain<ILogGrain>(0);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => log.WaitForMore([default], TimeSpan.FromSeconds(11), Token));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => log.ReadLogPage(default, LogFilter.All, GranaryLimits.PageSizeMax + 1, Token));
    }

    [Fact]
    public async Task It_goes_on_when_silos_are_stopped_and_started_under_it()
    {
        await using var events = Begin(LogStart.Beginning);
        for (var round = 0; round < 4; round++)
        {
            var next = NextAsync(events);
            if (round == 0) await _cluster.KillSiloAsync(_cluster.Silos[^1], Token);
            else if (round == 2) await _cluster.StopSiloAsync(_cluster.Silos[^1], Token);
            else await _cluster.StartAdditionalSiloAsync();
            await CommitAsync($"orders/{round}");
            Assert.Equal($"orders/{round} placed", await next.WaitAsync(Patience, Token));
        }
    }

    [Fact]
    public async Task It_is_cancelled_while_it_waits()
    {
        using var stop = new CancellationTokenSource();
        await using var events = _client.SubscribeAsync(LogStart.End, cancellationToken: stop.Token)
            .GetAsyncEnumerator(stop.Token);
        var next = events.MoveNextAsync().AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next.WaitAsync(Patience, Token));
    }

    private IAsyncEnumerator<RecordedEvent> Begin(LogStart from, LogFilter? filter = null) =>
        _client.SubscribeAsync(from, filter, Token).GetAsyncEnumerator(Token);

    private static async Task<string> NextAsync(IAsyncEnumerator<RecordedEvent> events)
    {
        Assert.True(await events.MoveNextAsync().AsTask().WaitAsync(Patience, Token));
        return $"{events.Current.Stream} {events.Current.Type}";
    }

    // When it has begun is not known.
    private async Task UntilAsync(Task next, string stream)
    {
        while (!next.IsCompleted) await AppendAsync(stream, "placed");
        await next;
    }

    private Task<StreamAppendAnswer> AppendAsync(string stream, string type) => _client.AppendAsync(
        StreamName.Parse(stream), new StreamAppend([new StreamEvent(type, Encoding.UTF8.GetBytes("{}"))]), Token);

    // Beside the cluster, whose silos come and go.
    private async Task CommitAsync(string stream) => await _store.CommitAsync(
        new Append(
            StreamName.Parse(stream), ExpectedVersion.Any, AppendId.New(TimeProvider.System),
            [new NewEvent(TimeProvider.System, "placed", "{}"u8.ToArray())]),
        TimeProvider.System.GetUtcNow(), Token);
}
