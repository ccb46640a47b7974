using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Granary.Runtime;
using Granary.Testing;
using Orleans.EventSourcing;

namespace Granary.Tests.Unit.Events;

/// <summary>What is folded when an event is raised is what every later replay folds.</summary>
public sealed class FoldedEventTests
{
    [Fact]
    public async Task What_a_comparison_cannot_see_is_folded_as_it_is_read_back()
    {
        var store = new MemoryEventStore();
        var options = new GranaryTestClusterOptions { Store = store };
        await using (var cluster = await GranaryTestCluster.StartAsync(options))
        {
            var grain = cluster.Grains.GetGrain<IFoldingGrain>("a");
            Assert.Equal(["1:", "1:"], await grain.Raise("kept", "dropped"));
            Assert.Equal(["1:", "1:", "1:", "1:"], await grain.RaiseTwo("kept", "dropped"));
        }

        await using var later = await GranaryTestCluster.StartAsync(options);
        Assert.Equal(["1:", "1:", "1:"], await later.Grains.GetGrain<IFoldingGrain>("a").Confirmed());
    }

    [Fact]
    public async Task A_reference_to_a_grain_is_kept_by_Orleans_codec_and_the_silo_is_not_walked_through()
    {
        await using var cluster = await GranaryTestCluster.StartAsync(new());

        Assert.Equal("b", await cluster.Grains.GetGrain<IJoiningGrain>("a").Join("b"));
    }

    [Fact]
    public void What_has_no_end_is_refused_when_it_is_larger_than_an_event() =>
        Assert.Throws<LimitExceededException>(static () => Codecs.Of<IOrderEvent>(
            static events => events.AddEventType<Lossy.Of<IEnumerable<int>>>()).Encode(
                new Lossy.Of<IEnumerable<int>>(Forever()), EventMetadata.Empty));

    private static IEnumerable<int> Forever()
    {
        while (true) yield return 1;
    }

    [Alias("unit.IJoiningGrain")]
    public interface IJoiningGrain : IGrainWithStringKey
    {
        [Alias("Join")] Task<string> Join(string other);
    }

    internal sealed class JoiningGrain : JournaledGrain<JoiningState, Joined>, IJoiningGrain
    {
        public async Task<string> Join(string other)
        {
            RaiseEvent(new Joined(GrainFactory.GetGrain<IJoiningGrain>(other)));
            await ConfirmEvents();
            return State.Other!.GetPrimaryKeyString();
        }
    }

    internal sealed class JoiningState
    {
        public IJoiningGrain? Other { get; private set; }

        public void Apply(Joined @event) => Other = @event.Other;
    }

    [GenerateSerializer, Alias("unit.joined"), EventContent(ContentTypes.Orleans)]
    internal sealed record Joined([property: Id(0)] IJoiningGrain Other);

    [Alias("unit.IFoldingGrain")]
    public interface IFoldingGrain : IGrainWithStringKey
    {
        [Alias("Raise")] Task<string[]> Raise(string text, string note);

        [Alias("RaiseTwo")] Task<string[]> RaiseTwo(string text, string note);

        [Alias("Confirmed")] Task<string[]> Confirmed();
    }

    internal sealed class FoldingGrain : JournaledGrain<FoldingState, Folding>, IFoldingGrain
    {
        public async Task<string[]> Raise(string text, string note)
        {
            RaiseEvent(Of(text, note));
            string[] tentative = [.. TentativeState.All];
            await ConfirmEvents();
            return [.. tentative, .. State.All];
        }

        public async Task<string[]> RaiseTwo(string text, string note)
        {
            RaiseEvents([Of(text, note), Of(text, note)]);
            string[] tentative = [.. TentativeState.All];
            await ConfirmEvents();
            return [.. tentative[1..], .. State.All[1..]];
        }

        public Task<string[]> Confirmed() => Task.FromResult<string[]>([.. State.All]);

        // Made by hand, the names of an object's members are case-sensitive; read with the web's options they are not.
        private static Folding Of(string text, string note) => new(new JsonObject { [text] = 1 }) { Note = note };
    }

    internal sealed class FoldingState
    {
        public List<string> All { get; } = [];

        public void Apply(Folding @event) => All.Add($"{@event.Values["KEPT"]}:{@event.Note}");
    }

    [Alias("unit.folding")]
    internal sealed record Folding(JsonObject Values)
    {
        [JsonIgnore]
        public string? Note { get; init; }
    }
}
