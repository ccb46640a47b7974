using System.Collections.Concurrent;

namespace Granary.Runtime;

/// <summary>
/// Has the effects of events: those of one stream in order, those of different streams at the same time. What the
/// ledger says was done is not repeated. An effect is in the ledger before the checkpoint passes its event.
/// </summary>
internal sealed class EffectHandler(EffectReader reader, EffectServices services) : ILogHandler
{
    // Effects whose tries are used up, until their failure is reported: only one failure of a batch is at a time.
    private readonly ConcurrentDictionary<Guid, Exception> _failed = new();
    private readonly EffectBackOff _backOff = new(reader.Options, services.Random);

    /// <inheritdoc />
    public async ValueTask<HandledEvents> HandleAsync(LogBatch batch, CancellationToken cancellationToken)
    {
        var planned = batch.Events.Where(static one => !one.IsTombstone).Select(Plan).ToArray();
        var ids = planned.SelectMany(static one => one.Effects.Select(static effect => effect.Id));
        var known = await services.Ledger.ReadAsync(ids, cancellationToken);
        var failures = new ConcurrentBag<EventFailedException>();
        var parallel = new ParallelOptions
        {
            MaxDegreeOfParallelism = reader.Options.ConcurrencyMax, CancellationToken = cancellationToken,
        };
        await Parallel.ForEachAsync(
            planned.GroupBy(static one => one.Event.Stream),
            parallel,
            async (stream, token) =>
            {
                if (await RunAsync(stream, known, token) is { } failure) failures.Add(failure);
            });
        if (failures.MinBy(static one => one.Failed.Position.Position) is not { } first) return HandledEvents.Nothing;
        foreach (var (id, _) in Plan(first.Failed).Effects) _failed.TryRemove(id, out _);
        throw first;
    }

    /// <inheritdoc />
    public void OnCommitted()
    {
    }

    // The first event that fails holds up the rest of its stream.
    private async ValueTask<EventFailedException?> RunAsync(
        IEnumerable<Planned> stream, Dictionary<Guid, EffectEntry> known, CancellationToken cancellationToken)
    {
        foreach (var (one, effects, fault) in stream)
        {
            if (fault is not null) return new EventFailedException(one, fault);
            foreach (var (id, effect) in effects)
            {
                var entry = known.GetValueOrDefault(id);
                if (entry?.Effect.Done == true) continue;
                if (!_failed.TryGetValue(id, out var failed))
                    failed = await TryAsync(one, id, effect, entry, cancellationToken);
                if (failed is null) continue;
                _failed[id] = failed;
                return new EventFailedException(one, failed);
            }
        }

        return null;
    }

    // The error of the last try; null where it succeeded.
    private async ValueTask<Exception?> TryAsync(
        RecordedEvent @event, Guid id, Effect effect, EffectEntry? entry, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            var context = new EffectContext(@event, id, (entry?.Effect.Tries ?? 0) + 1);
            var startedAt = services.Time.GetUtcNow();
            var fault = await RunAsync(effect, context, cancellationToken);
            var record = Describe(context, entry?.Effect, startedAt, fault);
            entry = await services.Ledger.RecordAsync(id, entry, record);
            if (entry.Effect.Done) return null;
            ReactorLog.EffectFailed(services.Logger, reader.Name, id, @event.Stream, context.Try, record.LastError!);
            if (tries >= reader.Options.TriesMax) return fault;
            await Task.Delay(_backOff.After(tries, fault!), services.Time, cancellationToken);
        }
    }

    private static async ValueTask<Exception?> RunAsync(
        Effect effect, EffectContext context, CancellationToken cancellationToken)
    {
        try
        {
            await effect(context, cancellationToken);
            return null;
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            return fault;
        }
    }

    private EffectRecord Describe(
        EffectContext context, EffectRecord? before, DateTimeOffset startedAt, Exception? fault) => new()
    {
        Reader = reader.Name,
        Category = context.Event.Stream.Category,
        Key = context.Event.Stream.Key,
        EventId = context.Event.Id,
        Partition = context.Event.Position.Partition.Value,
        Position = context.Event.Position.Position.Value,
        Done = fault is null,
        Answer = EffectText.Cut(context.Answer),
        Tries = context.Try,
        LastError = fault is null ? before?.LastError : EffectText.Cut($"{fault.GetType().Name}: {fault.Message}"),
        FirstAt = before?.FirstAt ?? startedAt,
        At = services.Time.GetUtcNow(),
    };

    private Planned Plan(RecordedEvent @event)
    {
        try
        {
            var effects = reader.Effects.Of(@event);
            var named = effects.Select((effect, i) => (EffectIds.Of(reader.Name, @event.Id, i), effect));
            return new Planned(@event, [.. named], null);
        }
        catch (Exception fault)
        {
            return new Planned(@event, [], fault);
        }
    }

    private sealed record Planned(
        RecordedEvent Event, IReadOnlyList<(Guid Id, Effect Effect)> Effects, Exception? Fault);
}
