using Granary.Runtime;
using Granary.Testing;

namespace Granary.Tests.Unit.Aggregates;

public sealed class LostRacesTests
{
    [Fact]
    public async Task A_command_that_loses_every_race_names_the_version_that_it_decided_on_and_the_one_that_it_found()
    {
        var store = new MemoryEventStore();
        LosingGrain.Store = store;
        await using var cluster = await GranaryTestCluster.StartAsync(new() { Store = store });

        var error = await Assert.ThrowsAsync<WrongExpectedVersionException>(
            () => cluster.Grains.GetGrain<ILosingGrain>("a").Lose());

        Assert.Equal(new StreamName("unit-losing", "a"), error.Stream);
        Assert.Equal(new StreamVersion(100), error.Actual);
        Assert.Equal(ExpectedVersion.Exactly(new StreamVersion(99)), error.Expected);
    }

    [Alias("unit.ILosingGrain")]
    internal interface ILosingGrain : IGrainWithStringKey
    {
        [Alias("Lose")] Task<int> Lose();
    }

    [Alias("unit-lost")]
    internal sealed record Lost(int Round);

    internal sealed class LosingState
    {
        public int Rounds { get; private set; }

        public void Apply(Lost lost) => Rounds = lost.Round;
    }

    [GrainType("unit-losing")]
    internal sealed class LosingGrain : AggregateGrain<LosingState, Lost>, ILosingGrain
    {
        private int _decisions;

        public static MemoryEventStore Store { get; set; } = null!;

        // While it decides, another writer appends.
        public Task<int> Lose() => ExecuteAsync(default, () =>
        {
            var rival = new NewEvent(Uuid7.New(TimeProvider.System), "unit-lost", """{"round":1}"""u8.ToArray());
            var append = new Append(Stream, ExpectedVersion.Any, AppendId.New(TimeProvider.System), [rival]);
            var committed = Store.CommitAsync(append, TimeProvider.System.GetUtcNow(), CancellationToken.None);
            Assert.True(committed.IsCompletedSuccessfully);
            RaiseEvent(new Lost(++_decisions));
            return _decisions;
        });
    }
}
