using Microsoft.Extensions.DependencyInjection;
using Orleans.EventSourcing;
using Orleans.Providers;
using Orleans.Storage;

namespace Granary.Runtime;

/// <summary>
/// The log-consistency provider that keeps the events of <see cref="JournaledGrain{TGrainState,TEventBase}"/>s in
/// Granary. Registered under <see cref="GranaryNames.LogConsistencyProvider"/> and as the default by <c>AddGranary</c>.
/// </summary>
internal sealed class GranaryLogConsistencyProvider(
    IServiceProvider provider, JournalServices services, GrainStreams streams)
    : ILogViewAdaptorFactory
{
    /// <summary>How the container gets it as the default.</summary>
    public static readonly Func<IServiceProvider, object> Resolve =
        static provider => provider.GetRequiredService<GranaryLogConsistencyProvider>();

    /// <summary>How the container gets it by one of its <see cref="Names"/>.</summary>
    public static readonly Func<IServiceProvider, object?, object> ResolveNamed =
        static (provider, _) => provider.GetRequiredService<GranaryLogConsistencyProvider>();

    /// <summary>Its own name, and the one that an attribute without a name means.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [GranaryNames.LogConsistencyProvider, ProviderConstants.DEFAULT_LOG_CONSISTENCY_PROVIDER_NAME];

    public bool UsesStorageProvider => false;

    public ILogViewAdaptor<TLogView, TLogEntry> MakeLogViewAdaptor<TLogView, TLogEntry>(
        ILogViewAdaptorHost<TLogView, TLogEntry> hostGrain,
        TLogView initialState,
        string grainTypeName,
        IGrainStorage? grainStorage,
        ILogConsistencyProtocolServices protocol)
        where TLogView : class, new()
        where TLogEntry : class
    {
        var context = ((IGrainBase)hostGrain).GrainContext;
        var journal = new Journal<TLogView, TLogEntry>(
            hostGrain,
            initialState,
            streams.NameOf(hostGrain, context.GrainId),
            context,
            services,
            new(EventCodecs.Of<TLogEntry>(provider), provider.GetRequiredService<IStateCodec<TLogView>>()));
        context.SetComponent<IJournal>(journal);
        context.GetComponent<MigrationParticipant>()?.SetJournal(journal);
        return journal;
    }
}
