using Granary;
using Granary.Runtime;
using Microsoft.Extensions.DependencyInjection;
using Orleans.EventSourcing;

namespace Orleans.Hosting;

/// <summary>Takes over what grains have with Orleans' own log-consistency providers.</summary>
/// <remarks>
/// <para>A grain whose stream is empty, and was never cleared, is looked for in the named grain storage on its first
/// activation; what it has there is appended to its stream, once, before the grain gets a call. The events have the
/// time of that as their time, and the pairs <c>granary.adoptedFrom</c> and <c>granary.adopted</c> in their metadata.
/// The record in the storage is read and never written.</para>
/// <para>Where the storage cannot be read, or an event cannot be stored or applied, the activation fails with
/// <see cref="AdoptionFailedException"/>, and the stream stays empty. The silo does not start, with an
/// <see cref="OrleansConfigurationException"/>, where it has no grain storage of that name, or where two calls are for
/// the same grains.</para>
/// <para>Stop every silo that writes to the storage first, and register this in every silo that comes after.</para>
/// </remarks>
public static class AdoptionGranaryBuilderExtensions
{
    /// <summary>
    /// Adopts the logs of all grains that no other call names, from Orleans' LogStorage over a grain storage.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="storage">The name under which the silo registers the grain storage.</param>
    public static IGranaryBuilder AdoptLogStorage(this IGranaryBuilder builder, string storage)
    {
        ArgumentException.ThrowIfNullOrEmpty(storage);
        return builder.Adopt(new LogStorageRule(storage, grainClass: null));
    }

    /// <summary>Adopts the logs of the grains of one class, from Orleans' LogStorage over a grain storage.</summary>
    /// <typeparam name="TGrain">The grain class.</typeparam>
    /// <param name="builder">The builder.</param>
    /// <param name="storage">The name under which the silo registers the grain storage.</param>
    /// <param name="formerClassName">
    /// The full name, namespace included, that the grain class had when it wrote there; null where it is the same.
    /// </param>
    public static IGranaryBuilder AdoptLogStorage<TGrain>(
        this IGranaryBuilder builder, string storage, string? formerClassName = null)
        where TGrain : Grain, ILogConsistencyProtocolParticipant
    {
        ArgumentException.ThrowIfNullOrEmpty(storage);
        if (formerClassName is not null) ArgumentException.ThrowIfNullOrEmpty(formerClassName);
        return builder.Adopt(new LogStorageRule(storage, typeof(TGrain)) { FormerClassName = formerClassName });
    }

    /// <summary>
    /// Adopts the states of the grains of one state type, from Orleans' StateStorage over a grain storage. It keeps no
    /// events, so the application makes one event of each state: the first one of the stream.
    /// </summary>
    /// <typeparam name="TState">The type of the state, as it is stored.</typeparam>
    /// <typeparam name="TEvent">The type of the first event, an event of the grain.</typeparam>
    /// <param name="builder">The builder.</param>
    /// <param name="storage">The name under which the silo registers the grain storage.</param>
    /// <param name="firstEvent">
    /// Makes the event whose <c>Apply</c> leads to the state. What it leaves out is not adopted. It may be called again
    /// for one state, and must then make an equal event.
    /// </param>
    /// <param name="formerClassName">
    /// The full name, namespace included, that the grain class had when it wrote there; null where it is the same.
    /// </param>
    public static IGranaryBuilder AdoptStateStorage<TState, TEvent>(
        this IGranaryBuilder builder,
        string storage,
        Func<TState, TEvent> firstEvent,
        string? formerClassName = null)
        where TState : class, new()
        where TEvent : class
    {
        ArgumentException.ThrowIfNullOrEmpty(storage);
        ArgumentNullException.ThrowIfNull(firstEvent);
        if (formerClassName is not null) ArgumentException.ThrowIfNullOrEmpty(formerClassName);
        return builder.Adopt(
            new StateStorageRule<TState, TEvent>(storage, firstEvent) { FormerClassName = formerClassName });
    }

    private static IGranaryBuilder Adopt(this IGranaryBuilder builder, AdoptionRule rule)
    {
        builder.Services.Configure<AdoptionRules>(rules => rules.All.Add(rule));
        return builder;
    }
}
