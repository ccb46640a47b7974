using System.Text.Json;
using Granary.Runtime;
using Granary.Tests.Unit.Events;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Orleans.Serialization;

namespace Granary.Tests.Unit.Projections;

/// <summary>A projection as it is registered, a store, and a handler that is given stored events.</summary>
internal sealed class Folding<TModel>
    where TModel : class
{
    private readonly IEventCodec<IAccountEvent> _codec = Codecs.Of<IAccountEvent>();
    private readonly Dictionary<string, int> _versions = [];
    private int _position;

    public Folding(Projection<TModel> projection, params IUpcaster[] upcasters)
    {
        Projection = Register(projection, upcasters);
        Table = new ModelTable(Projection.Name, Projection.Columns);
        Handler = NewHandler();
    }

    public MemoryModelStore Models { get; } = new();

    public RegisteredProjection<TModel> Projection { get; }

    public ModelTable Table { get; }

    public ILogHandler Handler { get; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static RegisteredProjection<TModel> Register(Projection<TModel> projection, params IUpcaster[] upcasters) =>
        new(projection, Decoder(upcasters));

    public static EventDecoder Decoder(params IUpcaster[] upcasters) => Decoder(null, upcasters);

    public static EventDecoder Decoder(Action<GranaryEventOptions>? configure, params IUpcaster[] upcasters)
    {
        var services = new ServiceCollection().AddSerializer();
        services.AddGranaryEvents();
        services.AddSingleton<TimeProvider>(new FakeTimeProvider(Codecs.Now));
        if (configure is not null) services.Configure(configure);
        foreach (var upcaster in upcasters) services.AddSingleton(upcaster);
        return services.BuildServiceProvider().GetRequiredService<EventDecoder>();
    }

    public ILogHandler NewHandler(IModelStore? models = null) =>
        Projection.CreateHandler(Table, default, models ?? Models);

    /// <summary>An event as the log has it next.</summary>
    public RecordedEvent Record(string stream, IAccountEvent happened)
    {
        var encoded = _codec.Encode(happened, EventMetadata.Empty);
        return Record(stream, encoded.Type, encoded.Payload, encoded.SchemaVersion, encoded.ContentType);
    }

    public RecordedEvent Record(
        string stream, string type, ReadOnlyMemory<byte> payload, int schemaVersion = 1,
        string contentType = ContentTypes.Json) => new()
    {
        Stream = StreamName.Parse(stream),
        Version = new(_versions[stream] = _versions.GetValueOrDefault(stream) + 1),
        Position = new(default, new(++_position)),
        Id = Guid.CreateVersion7(Codecs.Now),
        AppendId = new(Guid.CreateVersion7(Codecs.Now)),
        Type = type,
        SchemaVersion = schemaVersion,
        Timestamp = Codecs.Now,
        ContentType = contentType,
        Payload = payload,
        Metadata = EventMetadata.Empty,
    };

    public async Task<HandledEvents> HandleAsync(params RecordedEvent[] events)
    {
        await Models.CreateTableAsync(Table, Token);
        return await Handler.HandleAsync(new LogBatch(default, events), Token);
    }

    /// <summary>Handles and commits.</summary>
    public async Task<ModelCommitOutcome> FollowAsync(params RecordedEvent[] events)
    {
        var outcome = await CommitAsync(await HandleAsync(events));
        if (outcome == ModelCommitOutcome.Committed) Handler.OnCommitted();
        return outcome;
    }

    public async Task<ModelCommitOutcome> CommitAsync(HandledEvents handled) =>
        await Models.CommitAsync(new ModelCommit(handled.Writes), Token);

    public async Task<ModelRow?> ReadRowAsync(string key) =>
        (await Models.ReadAsync(Table, [key], Token)).SingleOrDefault();

    public async Task<TModel?> ReadAsync(string key) => await ReadRowAsync(key) is { } row
        ? JsonSerializer.Deserialize<TModel>(row.Document.Span, JsonSerializerOptions.Web)
        : null;
}
