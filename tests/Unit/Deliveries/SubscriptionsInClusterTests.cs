using System.Collections.Concurrent;
using Granary.Runtime;
using Granary.Testing;
using Granary.Tests.Unit.Following;

namespace Granary.Tests.Unit.Deliveries;

/// <summary>Durable subscriptions of a cluster, some of whose workers do not answer.</summary>
public sealed class SubscriptionsInClusterTests
{
    // The calls to the worker of a partition, by the method.
    private Func<string, Task>? _onCall;

    private readonly LossyModels _models = new(new MemoryModelStore());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_left_of_a_creation_that_was_cut_off_is_deleted_without_a_call()
    {
        await using var cluster = await StartAsync();
        await cluster.Models.CreateTableAsync(DeliveryTables.Subscriptions, Token);
        var claim = await SubscriptionClaim.ReadAsync(cluster.Models, "mailer", Token);
        await claim.ReplaceAsync(SubscriptionDocument.Of(new SubscriptionSettings()), Token);
        await FollowedLog.UntilAsync(async () =>
            await new SubscriptionTable(cluster.Models).FindAsync("mailer", Token) is null);
    }

    [Fact]
    public async Task A_worker_that_is_lost_while_a_call_waits_keeps_no_event_of_another_one_back()
    {
        await using var cluster = await StartAsync();
        var subscriptions = await CreateAsync(cluster);
        var waits = new TaskCompletionSource();
        _onCall = method =>
        {
            if (method != nameof(IDeliveryGrain.WaitUntilReady)) return Task.CompletedTask;
            waits.TrySetResult();
            throw new SiloUnavailableException("It is lost.");
        };
        var next = subscriptions.Next("mailer", 1, wait: TimeSpan.FromSeconds(30), cancellationToken: Token);
        await waits.Task.WaitAsync(FollowedLog.Patience, Token);
        await AppendAsync(cluster);
        Assert.Single(await next);
    }

    [Fact]
    public async Task A_worker_that_answers_nothing_keeps_no_event_of_another_one_back()
    {
        await using var cluster = await StartAsync();
        var subscriptions = await CreateAsync(cluster);
        await AppendAsync(cluster, count: 2);
        Assert.Single(await subscriptions.Next("mailer", 1, wait: TimeSpan.FromSeconds(20), cancellationToken: Token));
        var goesOn = new TaskCompletionSource();
        _onCall = method => method == nameof(IDeliveryGrain.Next) ? goesOn.Task : Task.CompletedTask;
        var events = await subscriptions.Next("mailer", 10, cancellationToken: Token)
            .WaitAsync(TimeSpan.FromSeconds(20), Token);
        Assert.Single(events);
        goesOn.SetResult();
    }

    [Theory]
    [InlineData("Mailer")]
    [InlineData("a/b")]
    [InlineData("\0")]
    [InlineData("\ud800")]
    [InlineData("")]
    public async Task What_cannot_be_a_name_is_none(string name)
    {
        await using var cluster = await StartAsync();
        var read = new ConcurrentQueue<string>();
        _models.OnRead = read.Enqueue;
        foreach (var odd in new[] { name, name + new string('a', 100_000) })
        {
            var subscriptions = cluster.Grains.GetGrain<ISubscriptionsGrain>(0);
            Assert.Null(await subscriptions.Find(odd, Token));
            Assert.False(await subscriptions.Delete(odd, Token));
            await Assert.ThrowsAsync<SubscriptionUnknownException>(
                () => subscriptions.Next(odd, 1, cancellationToken: Token));
            await Assert.ThrowsAsync<SubscriptionUnknownException>(() => subscriptions.Ack(odd, [], Token));
        }

        Assert.DoesNotContain(read, one => one == name || one.Length > 1_000);
    }

    [Fact]
    public async Task Arguments_that_are_missing_are_refused()
    {
        await using var cluster = await StartAsync();
        var subscriptions = await CreateAsync(cluster);
        await Assert.ThrowsAsync<ArgumentNullException>(() => subscriptions.Create("a", null!, Token));
        await Assert.ThrowsAsync<ArgumentException>(
            () => subscriptions.Create("a", new SubscriptionSettings { Types = null! }, Token));
        await Assert.ThrowsAsync<ArgumentNullException>(() => subscriptions.Ack("mailer", null!, Token));
    }

    private static async Task<ISubscriptionsGrain> CreateAsync(GranaryTestCluster cluster)
    {
        var subscriptions = cluster.Grains.GetGrain<ISubscriptionsGrain>(0);
        Assert.True(await subscriptions.Create("mailer", new SubscriptionSettings(), Token));
        return subscriptions;
    }

    // Streams of one event each, in the first partition.
    private static async Task AppendAsync(GranaryTestCluster cluster, int count = 1)
    {
        var streams = Enumerable.Range(0, 100).Select(static at => new StreamName("test", $"s{at}"))
            .Where(static one => LogPartition.Of(one, 2) == default).Take(count);
        foreach (var stream in streams)
        {
            var append = new Append(
                stream, ExpectedVersion.Any, new AppendId(Uuid7.New(TimeProvider.System)),
                [new NewEvent(TimeProvider.System, "test.happened", "1"u8.ToArray())]);
            var batch = new AppendBatch(default, TimeProvider.System.GetUtcNow(), [append]);
            await cluster.Store.CommitAsync(batch, Token);
        }
    }

    // Two partitions; the streams are in the first, and calls to the worker of the second are the test's.
    private Task<GranaryTestCluster> StartAsync() => GranaryTestCluster.StartAsync(new GranaryTestClusterOptions
    {
        Store = new MemoryEventStore(2, new MemorySnapshotStore()),
        Models = _models,
        Configure = (silo, _) => silo.AddIncomingGrainCallFilter(async call =>
        {
            if (call.InterfaceMethod.DeclaringType == typeof(IDeliveryGrain) && _onCall is { } onCall
                && call.TargetId.Key.ToString()!.StartsWith("1/", StringComparison.Ordinal))
                await onCall(call.InterfaceMethod.Name);
            await call.Invoke();
        }),
    });
}
