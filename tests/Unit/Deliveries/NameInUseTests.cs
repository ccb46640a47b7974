using Granary.Runtime;
using Granary.Testing;
using Granary.Tests.Unit.Following;
using Microsoft.Extensions.DependencyInjection;

namespace Granary.Tests.Unit.Deliveries;

/// <summary>A durable subscription whose name another reader has taken since.</summary>
public sealed class NameInUseTests
{
    private static readonly WorkerDefinition Reactor = new()
    {
        Name = "mailer", Kind = ReaderKind.Reactor, CreateHandler = static _ => new Idle(),
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData((int)SubscriptionState.Active)]
    [InlineData((int)SubscriptionState.Creating)]
    [InlineData((int)SubscriptionState.Deleting)]
    public async Task Its_deletion_and_its_creation_leave_that_reader_as_it_is(int number)
    {
        var state = (SubscriptionState)number;
        await using var cluster = await GranaryTestCluster.StartAsync(new GranaryTestClusterOptions
        {
            Configure = static (silo, _) => silo.Services.AddSingleton<IWorkerSource>(new Source()),
        });
        await FollowedLog.UntilAsync(async () =>
            await cluster.Models.ReadCheckpointAsync("mailer", default, Token) is not null);
        var parked = ParkedRow.Put(
            new ParkedDocument("mailer", "test", "s", 0, 1, 1, "t", "It fails.", DateTimeOffset.UnixEpoch, 5), null);
        await cluster.Models.CommitAsync(new ModelCommit(parked), Token);
        var checkpoint = await cluster.Models.ReadCheckpointAsync("mailer", default, Token);
        var table = new SubscriptionTable(cluster.Models);
        var stored = SubscriptionDocument.Of(new SubscriptionSettings(), new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
        await cluster.Models.CreateTableAsync(DeliveryTables.Subscriptions, Token);
        var claim = await SubscriptionClaim.ReadAsync(cluster.Models, "mailer", Token);
        await claim.ReplaceAsync(stored with { State = state }, Token);

        var subscriptions = cluster.Grains.GetGrain<ISubscriptionsGrain>(0);
        if (state != SubscriptionState.Active)
            await Assert.ThrowsAsync<SubscriptionExistsException>(
                () => subscriptions.Create("mailer", new SubscriptionSettings(), Token));
        if (state == SubscriptionState.Active) Assert.True(await subscriptions.Delete("mailer", Token));
        else await subscriptions.Delete("mailer", Token);
        Assert.Null(await table.FindAsync("mailer", Token));
        Assert.Equal(checkpoint, await cluster.Models.ReadCheckpointAsync("mailer", default, Token));
        Assert.Single(await cluster.Models.ReadAsync(ReaderTables.Parked, [parked.Key], Token));
    }

    [Fact]
    public async Task What_is_asked_twice_of_a_parked_stream_is_written_once()
    {
        await using var cluster = await GranaryTestCluster.StartAsync(new GranaryTestClusterOptions
        {
            Configure = static (silo, _) => silo.Services.AddSingleton<IWorkerSource>(new Source()),
        });
        var readers = cluster.Grains.GetGrain<IReadersGrain>(0);
        await readers.Pause("mailer", Token);
        await FollowedLog.UntilAsync(async () =>
            (await readers.GetStatus("mailer", Token)).All(static one => one.State == ReaderState.Paused));
        var parked = ParkedRow.Put(
            new ParkedDocument("mailer", "test", "s", 0, 1, 1, "t", "It fails.", DateTimeOffset.UnixEpoch, 5), null);
        await cluster.Models.CommitAsync(new ModelCommit(parked), Token);
        var revisions = new List<long>();
        for (var i = 0; i < 2; i++)
        {
            Assert.True(await readers.RetryParked("mailer", new StreamName("test", "s"), Token));
            revisions.Add((await cluster.Models.ReadAsync(ReaderTables.Parked, [parked.Key], Token)).Single().Revision);
        }

        Assert.Equal(revisions[0], revisions[1]);
    }

    private sealed class Source : IWorkerSource
    {
        public ValueTask<IReadOnlyList<WorkerDefinition>> ReadAsync(CancellationToken cancellationToken) =>
            ValueTask.FromResult<IReadOnlyList<WorkerDefinition>>([Reactor]);
    }

    private sealed class Idle : ILogHandler
    {
        public ValueTask<HandledEvents> HandleAsync(LogBatch batch, CancellationToken cancellationToken) =>
            ValueTask.FromResult(HandledEvents.Nothing);

        public void OnCommitted()
        {
        }
    }
}
