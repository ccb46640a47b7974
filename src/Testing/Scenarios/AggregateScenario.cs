using System.Runtime.CompilerServices;
using Orleans.EventSourcing;

namespace Granary.Testing;

/// <summary>
/// Given events, when a grain's method is called, then it raised these: a test of a journaled grain without a cluster.
/// It takes any <see cref="JournaledGrain{TGrainState,TEventBase}"/>, and commands of aggregate grains are remembered
/// as on a store. The grain is the only writer, and nothing is encoded.
/// </summary>
/// <typeparam name="TGrain">The grain class.</typeparam>
public sealed class AggregateScenario<TGrain>
    where TGrain : Grain
{
    private readonly string _key;
    private readonly Func<TGrain> _create;
    private readonly ScenarioLog _log = new();
    private TGrain? _grain;

    /// <summary>Begins a scenario.</summary>
    /// <param name="key">The grain's key.</param>
    /// <param name="create">Makes the grain; null calls its constructor without parameters.</param>
    public AggregateScenario(string key, Func<TGrain>? create = null)
    {
        _key = key;
        _create = create ?? Activator.CreateInstance<TGrain>;
    }

    /// <summary>What happened before: the events are in the stream when the grain is next activated.</summary>
    public AggregateScenario<TGrain> Given(params IEnumerable<object> events)
    {
        foreach (var @event in events) _log.Add(@event, null);
        return Reactivated();
    }

    /// <summary>Lets go of the activation: the next call is made on a new one, which folds the stream again.</summary>
    public AggregateScenario<TGrain> Reactivated()
    {
        _grain = null;
        return this;
    }

    /// <summary>
    /// Calls the grain, and looks at what it answered and which events it confirmed. It may be called again.
    /// </summary>
    public async Task<ScenarioOutcome<TAnswer>> WhenAsync<TAnswer>(Func<TGrain, Task<TAnswer>> call)
    {
        _grain ??= await ActivateAsync();
        var before = _log.Count;
        try
        {
            return new ScenarioOutcome<TAnswer>(await call(_grain), null, _log.EventsAfter(before));
        }
        catch (Exception failure)
        {
            return new ScenarioOutcome<TAnswer>(default, failure, _log.EventsAfter(before));
        }
    }

    /// <summary>Calls a method of the grain that answers nothing.</summary>
    public Task<ScenarioOutcome<object?>> WhenAsync(Func<TGrain, Task> call) => WhenAsync<object?>(async grain =>
    {
        await call(grain);
        return null;
    });

    private async Task<TGrain> ActivateAsync()
    {
        var grain = _create();
        SetContext(grain, new ScenarioGrainContext(GrainId.Create(ScenarioGrainContext.TypeOf(grain), _key), grain));
        ScenarioJournalFactory.Install(grain, _log);
        await grain.OnActivateAsync(CancellationToken.None);
        return grain;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_GrainContext")]
    private static extern void SetContext(Grain grain, IGrainContext context);
}
