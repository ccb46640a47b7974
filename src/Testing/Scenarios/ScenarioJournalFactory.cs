using System.Reflection;
using Granary.Runtime;
using Orleans.EventSourcing;
using Orleans.Storage;

namespace Granary.Testing;

/// <summary>Installs a scenario's journal in a grain, as Orleans installs the real one at activation.</summary>
internal sealed class ScenarioJournalFactory(ScenarioLog log, string key, IServiceProvider services)
    : ILogViewAdaptorFactory
{
    private IScenarioJournal? _journal;

    public bool UsesStorageProvider => false;

    public static IScenarioJournal Install(Grain grain, ScenarioLog log, string key, IServiceProvider services)
    {
        var (install, stateType) = Find(grain.GetType());
        var state = Activator.CreateInstance(stateType);
        var factory = new ScenarioJournalFactory(log, key, services);
        install.Invoke(
            grain,
            BindingFlags.DoNotWrapExceptions,
            null,
            [factory, state, grain.GetType().FullName, null, null],
            null);
        return factory._journal!;
    }

    public ILogViewAdaptor<TLogView, TLogEntry> MakeLogViewAdaptor<TLogView, TLogEntry>(
        ILogViewAdaptorHost<TLogView, TLogEntry> hostGrain,
        TLogView initialState,
        string grainTypeName,
        IGrainStorage? grainStorage,
        ILogConsistencyProtocolServices protocol)
        where TLogView : class, new()
        where TLogEntry : class
    {
        var id = ((IGrainBase)hostGrain).GrainContext.GrainId;
        var stream = hostGrain is IStreamNamed named
            ? named.StreamName
            : new StreamName(id.Type.ToString()!, key);
        var journal = new ScenarioJournal<TLogView, TLogEntry>(hostGrain, log, stream, services);
        _journal = journal;
        return journal;
    }

    private static (MethodInfo Install, Type StateType) Find(Type grainType)
    {
        for (var type = grainType; type is not null; type = type.BaseType)
        {
            if (!type.IsGenericType || type.GetGenericTypeDefinition() != typeof(JournaledGrain<,>)) continue;
            var install = type.GetMethod("InstallAdaptor", BindingFlags.Instance | BindingFlags.NonPublic)!;
            return (install, type.GetGenericArguments()[0]);
        }

        throw new ArgumentException($"{grainType} is no JournaledGrain.", nameof(grainType));
    }
}
