using Granary.Runtime;
using Granary.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Granary.Tests.Unit.Events;

/// <summary>A grain whose events have a codec of the application's own.</summary>
public sealed class OwnCodecGrainTests
{
    private static readonly GranaryTestClusterOptions Options = new()
    {
        Configure = static (silo, _) => silo.Services.AddSingleton<IEventCodec<OwnEvent>, OwnCodec>(),
    };

    [Fact]
    public async Task A_command_that_raised_nothing_does_not_lock_the_grain()
    {
        var store = new MemoryEventStore();
        var options = new GranaryTestClusterOptions { Store = store, Configure = Options.Configure };
        await using (var cluster = await GranaryTestCluster.StartAsync(options))
        {
            Assert.Equal(0, await cluster.Grains.GetGrain<IOwnCodecGrain>("a").Count("c-1"));
        }

        await using var later = await GranaryTestCluster.StartAsync(options);
        Assert.Equal(0, await later.Grains.GetGrain<IOwnCodecGrain>("a").Count("c-1"));
    }

    [Fact]
    public async Task Metadata_under_a_reserved_name_is_refused_where_it_is_raised()
    {
        await using var cluster = await GranaryTestCluster.StartAsync(Options);
        var grain = cluster.Grains.GetGrain<IOwnCodecGrain>("a");

        var error = await Assert.ThrowsAsync<EventNotEncodableException>(() => grain.Raise("granary.command"));
        await grain.Raise("tenant");

        Assert.Contains("granary.command", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, await grain.Count("c-2"));
    }

    [Fact]
    public async Task Reserved_metadata_of_the_applications_own_source_is_refused()
    {
        await using var cluster = await GranaryTestCluster.StartAsync(new()
        {
            Configure = static (silo, granary) =>
            {
                Options.Configure!(silo, granary);
                silo.Services.AddSingleton<IMetadataSource, OwnSource>();
            },
        });

        await Assert.ThrowsAsync<EventNotEncodableException>(
            () => cluster.Grains.GetGrain<IOwnCodecGrain>("a").Raise("tenant"));
    }

    [Fact]
    public async Task An_event_that_the_codec_does_not_read_as_one_is_never_stored()
    {
        var store = new MemoryEventStore();
        await using var cluster = await GranaryTestCluster.StartAsync(
            new() { Store = store, Configure = Options.Configure });
        var grain = cluster.Grains.GetGrain<IOwnCodecGrain>("a");

        foreach (var by in (int[])[OwnCodec.Unreadable, OwnCodec.Dropped])
            await Assert.ThrowsAsync<EventNotEncodableException>(() => grain.RaiseBy(by));
        await grain.RaiseBy(5);

        // The codec reads every event as 1, and that is what is folded from the first on.
        Assert.Equal(1, await grain.Count("c-3"));
        var head = await store.ReadHeadAsync(new StreamName("owncodec", "a"), TestContext.Current.CancellationToken);
        Assert.Equal(2, head.Version.Value);
    }

    [Alias("unit.IOwnCodecGrain")]
    public interface IOwnCodecGrain : IGrainWithStringKey
    {
        [Alias("Count")] Task<int> Count(string commandId);

        [Alias("Raise")] Task Raise(string metadataName);

        [Alias("RaiseBy")] Task RaiseBy(int by);
    }

    internal sealed class OwnCodecGrain : AggregateGrain<OwnState, OwnEvent>, IOwnCodecGrain
    {
        public Task<int> Count(string commandId) => ExecuteAsync(Command.Of(commandId, []), () => State.Count);

        public Task Raise(string metadataName)
        {
            RaiseEvent(new OwnEvent(), [new(metadataName, "value")]);
            return ConfirmEvents();
        }

        public Task RaiseBy(int by)
        {
            RaiseEvent(new OwnEvent(by));
            Assert.Equal(State.Count + 1, TentativeState.Count);
            return ConfirmEvents();
        }
    }

    [GenerateSerializer, Alias("unit.OwnState")]
    internal sealed class OwnState
    {
        [Id(0)] public int Count { get; set; }

        public void Apply(OwnEvent @event) => Count += @event.By;
    }

    [GenerateSerializer, Alias("unit.own-event")]
    internal sealed record OwnEvent([property: Id(0)] int By = 1);

    private sealed class OwnCodec : IEventCodec<OwnEvent>
    {
        public const int Unreadable = -1;

        public const int Dropped = -2;

        public NewEvent Encode(OwnEvent @event, EventMetadata metadata) =>
            new(Guid.CreateVersion7(Codecs.Now), TypeOf(@event.By), "{}"u8.ToArray()) { Metadata = metadata };

        public void Decode(RecordedEvent recorded, ICollection<OwnEvent> into)
        {
            if (recorded.Type == "dropped") return;
            into.Add(recorded.Type == "own" ? new OwnEvent() : throw new InvalidOperationException(recorded.Type));
        }

        private static string TypeOf(int by) => by switch
        {
            Unreadable => "unreadable",
            Dropped => "dropped",
            _ => "own",
        };
    }

    private sealed class OwnSource : IMetadataSource
    {
        public EventMetadata Capture() => EventMetadata.Of([new("granary.command", "1")]);
    }
}
