using Granary.Runtime;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Orleans.Serialization;

namespace Granary.Tests.Unit.Events;

/// <summary>Codecs as a silo has them, and the way through a store.</summary>
internal static class Codecs
{
    public static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public static IEventCodec<TEvent> Of<TEvent>(
        Action<GranaryEventOptions>? configure = null, params IUpcaster[] upcasters)
        where TEvent : class
    {
        var services = new ServiceCollection().AddSerializer();
        services.AddGranaryEvents();
        services.AddSingleton<TimeProvider>(new FakeTimeProvider(Now));
        if (configure is not null) services.Configure(configure);
        foreach (var upcaster in upcasters) services.AddSingleton(upcaster);
        return services.BuildServiceProvider().GetRequiredService<IEventCodec<TEvent>>();
    }

    /// <summary>What a codec writes.</summary>
    public static NewEvent Write<TEvent>(TEvent @event)
        where TEvent : class => Of<TEvent>().Encode(@event, EventMetadata.Empty);

    /// <summary>What comes back of an event that goes to the store and is read by another silo.</summary>
    public static TEvent RoundTrip<TEvent>(TEvent @event, Action<GranaryEventOptions>? configure = null)
        where TEvent : class =>
        Assert.Single(Read(Of<TEvent>(configure), Stored(Of<TEvent>(configure).Encode(@event, EventMetadata.Empty))));

    public static List<TEvent> Read<TEvent>(this IEventCodec<TEvent> codec, RecordedEvent recorded)
        where TEvent : class
    {
        var read = new List<TEvent>();
        codec.Decode(recorded, read);
        return read;
    }

    public static RecordedEvent Stored(NewEvent @event) =>
        Stored(@event.Type, @event.Payload, @event.SchemaVersion, @event.ContentType);

    public static RecordedEvent Stored(
        string type, string json, int schemaVersion = 1, string contentType = ContentTypes.Json) =>
        Stored(type, System.Text.Encoding.UTF8.GetBytes(json), schemaVersion, contentType);

    public static RecordedEvent Stored(
        string type, ReadOnlyMemory<byte> payload, int schemaVersion, string contentType) => new()
    {
        Stream = new StreamName("order", "o1"),
        Version = new StreamVersion(7),
        Position = new LogPosition(new LogPartition(2), new GlobalPosition(40)),
        Id = Guid.CreateVersion7(Now),
        AppendId = new AppendId(Guid.CreateVersion7(Now)),
        Type = type,
        SchemaVersion = schemaVersion,
        Timestamp = Now,
        ContentType = contentType,
        Payload = payload,
        Metadata = EventMetadata.Empty,
    };

    /// <summary>Checks that reading fails, and that the error names the event.</summary>
    public static ReplayFailedException AssertNotReplayed<TEvent>(IEventCodec<TEvent> codec, RecordedEvent recorded)
        where TEvent : class
    {
        var read = new List<TEvent>();
        var error = Assert.Throws<ReplayFailedException>(() => codec.Decode(recorded, read));
        Assert.Empty(read);
        Assert.Equal(
            (recorded.Stream, recorded.Version, recorded.Position, recorded.Type, recorded.SchemaVersion),
            (error.Stream, error.Version, error.Position, error.EventType, error.SchemaVersion));
        Assert.Contains("order/o1, version 7, position 2:40", error.Message, StringComparison.Ordinal);
        return error;
    }
}
