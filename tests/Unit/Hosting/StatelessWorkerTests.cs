using Granary.Testing;
using Orleans.Concurrency;
using Orleans.EventSourcing;

namespace Granary.Tests.Unit.Hosting;

/// <summary>
/// Journaled grains that are stateless workers: several activations of one key write one stream, and the store's
/// version check keeps it a single history.
/// </summary>
public sealed class StatelessWorkerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_workers_of_one_key_write_one_history()
    {
        await using var cluster = await GranaryTestCluster.StartAsync();
        var worker = cluster.Grains.GetGrain<IVoteGrain>("worker");

        // Each call waits for the other in the grain, so that two activations are there before either raises.
        var activations = await Task.WhenAll(worker.VoteTogether("yes"), worker.VoteTogether("no"))
            .WaitAsync(TimeSpan.FromSeconds(30), Token);

        Assert.Equal(2, activations.Distinct().Count());
        var page = await cluster.Store.ReadStreamForwardAsync(new("vote", "worker"), default, 10, Token);
        Assert.Equal([1L, 2L], page.Events.Select(static one => one.Version.Value));
        Assert.Equal(2, await worker.CountNow());
        Assert.Equal(2, (await worker.AsReference<IHistoryExtension>().ReadHead(Token)).Version.Value);
    }
}

[Alias("unit.IVoteGrain")]
public interface IVoteGrain : IGrainWithStringKey
{
    [Alias("VoteTogether")] Task<string> VoteTogether(string vote);

    [Alias("CountNow")] Task<int> CountNow();
}

[GenerateSerializer, Alias("unit.voted")]
internal sealed record Voted([property: Id(0)] string Vote);

[GenerateSerializer, Alias("unit.VoteState")]
internal sealed class VoteState
{
    [Id(0)] public int Count { get; set; }

    public void Apply(Voted voted) => Count += voted.Vote.Length > 0 ? 1 : 0;
}

[StatelessWorker(2)]
internal sealed class VoteGrain : JournaledGrain<VoteState, Voted>, IVoteGrain
{
    private static readonly TaskCompletionSource BothThere = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private static int _there;

    public async Task<string> VoteTogether(string vote)
    {
        if (Interlocked.Increment(ref _there) == 2) BothThere.SetResult();
        await BothThere.Task;
        RaiseEvent(new Voted(vote));
        await ConfirmEvents();
        return GrainContext.ActivationId.ToString();
    }

    public async Task<int> CountNow()
    {
        await RefreshNow();
        return State.Count;
    }
}
