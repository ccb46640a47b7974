using Granary.Tests.Unit.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Concurrency;
using Orleans.EventSourcing;
using Orleans.Providers;
using Orleans.Storage;

namespace Granary.Tests.Unit.Adoption;

/// <summary>
/// Orleans' grain storage in memory lasts as long as its silo: the same grain changes its provider between two of its
/// activations.
/// </summary>
public sealed class MemoryStorageTests
{
    [Theory]
    [InlineData(SwitchedProvider.LogStorage, "one", "two", "three")]
    [InlineData(SwitchedProvider.StateStorage, "one, two, three")]
    public async Task A_grain_is_adopted_from_the_storage_in_memory(string before, params string[] adopted)
    {
        await using var cluster = await TestSilo.StartAsync(silo =>
        {
            silo.AddMemoryGrainStorage(OldStorage.Name);
            silo.AddLogStorageBasedLogConsistencyProvider(SwitchedProvider.LogStorage)
                .AddStateStorageBasedLogConsistencyProvider(SwitchedProvider.StateStorage);
            silo.Services.AddSingleton(new CurrentProvider { Name = before });
            silo.Services.AddKeyedSingleton<ILogViewAdaptorFactory, SwitchedProvider>(SwitchedProvider.Name);
            var granary = silo.AddGranary().UseMemory();
            if (before == SwitchedProvider.LogStorage) granary.AdoptLogStorage(OldStorage.Name);
            else
                granary.AdoptStateStorage(OldStorage.Name, static (PagesState state) =>
                    new PageAdded(string.Join(", ", state.Texts)));
        });
        var grain = cluster.Client.GetGrain<ISwitchedGrain>("a");
        Assert.Equal(before, await grain.Add("one"));
        Assert.Equal(before, await grain.Add("two", "three"));
        var current = cluster.Silos[0].ServiceProvider.GetRequiredService<CurrentProvider>();
        current.Name = GranaryNames.LogConsistencyProvider;
        await grain.Leave();

        Assert.Equal(adopted, await grain.Read());
        Assert.Equal(GranaryNames.LogConsistencyProvider, await grain.Add("four"));
    }
}

[Alias("unit.ISwitchedGrain")]
public interface ISwitchedGrain : IGrainWithStringKey
{
    /// <summary>Adds pages and returns the provider that the activation is on.</summary>
    [Alias("Add")] Task<string> Add(params string[] texts);

    [Alias("Read")] Task<string[]> Read();

    /// <summary>Returns when the activation is about to end; the next call is to a new one.</summary>
    [Alias("Leave")] Task Leave();
}

/// <summary>Which provider the next activation gets.</summary>
internal sealed class CurrentProvider
{
    public required string Name { get; set; }
}

/// <summary>Each activation gets the provider that is the current one then.</summary>
internal sealed class SwitchedProvider(IServiceProvider services, CurrentProvider current) : ILogViewAdaptorFactory
{
    public const string Name = "switched";
    public const string LogStorage = "log";
    public const string StateStorage = "state";

    public bool UsesStorageProvider => Inner.UsesStorageProvider;

    private ILogViewAdaptorFactory Inner => services.GetRequiredKeyedService<ILogViewAdaptorFactory>(current.Name);

    public ILogViewAdaptor<TLogView, TLogEntry> MakeLogViewAdaptor<TLogView, TLogEntry>(
        ILogViewAdaptorHost<TLogView, TLogEntry> hostGrain,
        TLogView initialState,
        string grainTypeName,
        IGrainStorage? grainStorage,
        ILogConsistencyProtocolServices protocol)
        where TLogView : class, new()
        where TLogEntry : class =>
        Inner.MakeLogViewAdaptor(hostGrain, initialState, grainTypeName, grainStorage, protocol);
}

/// <summary>Its events have no base type of their own, which Orleans allows.</summary>
[Reentrant, StorageProvider(ProviderName = OldStorage.Name)]
[LogConsistencyProvider(ProviderName = SwitchedProvider.Name)]
internal sealed class SwitchedGrain(CurrentProvider current) : JournaledGrain<PagesState>, ISwitchedGrain
{
    private readonly string _provider = current.Name;

    public async Task<string> Add(params string[] texts)
    {
        RaiseEvents(texts.Select(static text => new PageAdded(text)));
        await ConfirmEvents();
        return _provider;
    }

    public Task<string[]> Read() => Task.FromResult(State.Texts.ToArray());

    public Task Leave()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}
