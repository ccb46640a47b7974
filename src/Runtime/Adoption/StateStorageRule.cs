using Orleans.EventSourcing.StateStorage;
using Orleans.Storage;

namespace Granary.Runtime;

/// <summary>
/// Grains whose state is with Orleans' StateStorage, which keeps no events: the application makes one event of it.
/// </summary>
/// <param name="storage">The name of the grain storage.</param>
/// <param name="firstEvent">Makes the event that leads to the state.</param>
internal sealed class StateStorageRule<TState, TEvent>(string storage, Func<TState, TEvent> firstEvent)
    : AdoptionRule(storage)
    where TState : class, new()
    where TEvent : class
{
    public override Type Target => typeof(TState);

    public override string Registration => $"AdoptStateStorage(\"{Storage}\", ({typeof(TState).Name} state) => ...)";

    public override bool IsFor(Type grainClass, Type view) => view == typeof(TState);

    public override async Task<OldLog<TEntry>> ReadAsync<TView, TEntry>(
        IGrainStorage from, string className, GrainId grain)
    {
        var record = new GrainStateWithMetaDataAndETag<TView>();
        await from.ReadStateAsync(className, grain, record);
        var stored = record.StateAndMetaData;
        if (stored.GlobalVersion == 0 && !record.RecordExists) return new([], record.ETag);
        if (stored is not { GlobalVersion: > 0, State: TState state })
            throw new InvalidDataException("There is a record, but no state with a version in it.");
        return firstEvent(state) is TEntry first
            ? new([first], record.ETag)
            : throw new InvalidDataException(
                $"What {Registration} makes of a state is not an event of the grain, a {typeof(TEntry)}.");
    }
}
