using System.Reflection;
using System.Text;
using Granary.Runtime;
using Microsoft.Extensions.DependencyInjection;

namespace Granary.Testing;

/// <summary>An event that was given: an object in the shape of today, or a <see cref="StoredEvent"/>.</summary>
internal sealed record GivenEvent(StreamName Stream, DateTimeOffset Time, object Event);

/// <summary>An event as it was stored.</summary>
internal sealed record StoredEvent(string Type, string Json, int SchemaVersion);

/// <summary>The models of a scenario's events.</summary>
internal sealed class FoldedModels
{
    private static readonly MethodInfo EncodeAs =
        typeof(FoldedModels).GetMethod(nameof(Encode), BindingFlags.NonPublic | BindingFlags.Static)!;

    private readonly Dictionary<string, object> _models = new(StringComparer.Ordinal);

    /// <summary>Why an event could not be handled; null where all were.</summary>
    public Exception? Failure { get; private init; }

    /// <summary>Which event that was, from 1.</summary>
    public int FailedAt { get; private init; }

    public IReadOnlyCollection<string> Keys => _models.Keys;

    /// <summary>The model of a key.</summary>
    public object? Find(string key) => _models.GetValueOrDefault(key);

    /// <summary>Folds events.</summary>
    /// <exception cref="ArgumentException">An event could not have been stored.</exception>
    /// <exception cref="ScenarioFailedException">Folded all at once they lead to other models.</exception>
    public static FoldedModels Of(Type type, Action<IGranaryBuilder> configure, IReadOnlyList<GivenEvent> given)
    {
        var services = ScenarioServices.For(type.Assembly, configure);
        var projection = services.GetRequiredService<IProjection>();
        RecordedEvent[] events = [.. given
            .Select((one, at) => Record(services, one, at + 1, given.Take(at + 1).Count(of => of.Stream == one.Stream)))
            .Where(one => projection.Filter.Takes(one.Stream, one.Type))];
        try
        {
            var singly = events.Select(static one => (RecordedEvent[])[one]);
            var models = Read(services, projection, Fold(projection, singly));
            var anew = Read(services, projection, Fold(projection, events.Length == 0 ? [] : [events]));
            CheckSame(models._models, anew._models);
            return models;
        }
        catch (EventFailedException fault)
        {
            return new FoldedModels
            {
                Failure = fault.InnerException, FailedAt = (int)fault.Failed.Position.Position.Value,
            };
        }
    }

    private static MemoryModelStore Fold(IProjection projection, IEnumerable<RecordedEvent[]> batches)
    {
        var models = new MemoryModelStore();
        var table = TableOf(projection);
        Ended(models.CreateTableAsync(table, default));
        var handler = projection.CreateHandler(table, default, models);
        foreach (var batch in batches)
        {
            var handled = Ended(handler.HandleAsync(new LogBatch(default, batch), default));
            Ended(models.CommitAsync(new ModelCommit(handled.Writes), default));
            handler.OnCommitted();
        }

        return models;
    }

    private static FoldedModels Read(IServiceProvider services, IProjection projection, MemoryModelStore models)
    {
        var found = new FoldedModels();
        var serializer = services.GetRequiredService<EventDecoder>().Json.SerializerOf(projection.ModelType);
        var query = new ModelQuery(TableOf(projection)) { Limit = GranaryLimits.PageSizeMax };
        while (true)
        {
            var page = Ended(models.QueryAsync(query, default));
            foreach (var row in page.Rows) found._models[row.Key] = serializer.Read(row.Document)!;
            if (page.Next is null) return found;
            query = query with { After = page.Next };
        }
    }

    private static void CheckSame(Dictionary<string, object> models, Dictionary<string, object> anew)
    {
        foreach (var key in models.Keys.Union(anew.Keys))
        {
            var (one, other) = (models.GetValueOrDefault(key), anew.GetValueOrDefault(key));
            if (one is not null && other is not null && ScenarioValues.Same(one, other)) continue;
            throw new ScenarioFailedException(
                $"Folded one by one, the events lead under '{key}' to: {Show(one)}{Environment.NewLine}"
                + $"Folded all at once, as when the models are built anew: {Show(other)}{Environment.NewLine}"
                + "The methods of a projection depend on the event and the model alone.");
        }
    }

    private static string Show(object? model) => model is null ? "none" : ScenarioValues.Show(model);

    private static ModelTable TableOf(IProjection projection) => new(projection.Name, [.. projection.Columns]);

    private static RecordedEvent Record(IServiceProvider services, GivenEvent given, int position, int version)
    {
        var stored = given.Event as StoredEvent;
        var encoded = stored is null
            ? EncodeGiven(services, given.Event)
            : new NewEvent(
                services.GetRequiredService<TimeProvider>(), stored.Type, Encoding.UTF8.GetBytes(stored.Json))
            {
                SchemaVersion = stored.SchemaVersion,
            };
        return new RecordedEvent
        {
            Stream = given.Stream,
            Version = new(encoded.Type == EventTypes.StreamCleared ? 0 : version),
            Position = new(default, new(position)),
            Id = encoded.Id,
            AppendId = default,
            Type = encoded.Type,
            SchemaVersion = encoded.SchemaVersion,
            Timestamp = given.Time,
            ContentType = encoded.ContentType,
            Payload = encoded.Payload,
            Metadata = encoded.Metadata,
        };
    }

    private static NewEvent EncodeGiven(IServiceProvider services, object given)
    {
        var type = given.GetType().IsValueType ? typeof(ValueType) : given.GetType();
        try
        {
            return (NewEvent)EncodeAs.MakeGenericMethod(type).Invoke(
                null, BindingFlags.DoNotWrapExceptions, null, [services, given], null)!;
        }
        catch (GranaryException refusal)
        {
            throw new ArgumentException(
                $"A given {given.GetType()} could not have been stored: {refusal.Message}", refusal);
        }
    }

    private static NewEvent Encode<TEvent>(IServiceProvider services, TEvent given)
        where TEvent : class =>
        services.GetRequiredService<IEventCodec<TEvent>>().Encode(given, EventMetadata.Empty);

    // The store in memory answers at once, so nothing is waited for.
    private static T Ended<T>(ValueTask<T> call) => call.IsCompleted
        ? call.GetAwaiter().GetResult()
        : throw new InvalidOperationException("The store in memory did not answer at once.");

    private static void Ended(ValueTask call)
    {
        if (!call.IsCompleted) throw new InvalidOperationException("The store in memory did not answer at once.");
        call.GetAwaiter().GetResult();
    }
}
