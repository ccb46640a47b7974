using Orleans.EventSourcing.LogStorage;
using Orleans.Storage;

namespace Granary.Runtime;

/// <summary>Grains whose events are with Orleans' LogStorage: one record holds the whole log.</summary>
/// <param name="storage">The name of the grain storage.</param>
/// <param name="grainClass">The grain class; null for all that no other rule is for.</param>
internal sealed class LogStorageRule(string storage, Type? grainClass) : AdoptionRule(storage)
{
    public override Type? Target => grainClass;

    public override string Registration =>
        $"AdoptLogStorage{(grainClass is null ? "" : $"<{grainClass.Name}>")}(\"{Storage}\")";

    public override bool IsFor(Type candidate, Type view) => grainClass is null || candidate == grainClass;

    public override async Task<OldLog<TEntry>> ReadAsync<TView, TEntry>(
        IGrainStorage from, string className, GrainId grain)
    {
        // The very type that LogStorage writes: what it is written as is the storage's own concern.
        var record = new LogStateWithMetaDataAndETag<TEntry>();
        await from.ReadStateAsync(className, grain, record);
        return record.StateAndMetaData.Log switch
        {
            { Count: > 0 } log => new(log, record.ETag),
            { } when !record.RecordExists => new([], record.ETag),
            _ => throw new InvalidDataException("There is a record, but no log in it."),
        };
    }
}
