using System.Runtime.CompilerServices;
using Orleans.EventSourcing;

namespace Granary.Testing;

/// <summary>
/// Given events, when a grain's method is called, then it raised these: a test of a journaled grain without a cluster.
/// It takes any <see cref="JournaledGrain{TGrainState,TEventBase}"/>, and commands of aggregate grains are kept
/// as on a store. Events are encoded, and decoded where they are folded, as in a silo: one that is refused there is
/// refused here. The grain is the only writer.
/// </summary>
/// <remarks>
/// So events are given in the shape of today, no upcaster is called, and there is no clock: what depends on stored
/// bytes or on instants is tested in a <see cref="GranaryTestCluster"/>.
/// </remarks>
/// <typeparam name="TGrain">The grain class.</typeparam>
public sealed class AggregateScenario<TGrain>
    where TGrain : Grain
{
    private readonly string _key;
    private readonly Func<TGrain> _create;
    private readonly ScenarioLog _log = new();
    private Action<IGranaryBuilder>? _configure;
    private IServiceProvider? _services;
    private TGrain? _grain;
    private IScenarioJournal? _journal;

    /// <summary>Begins a scenario.</summary>
    /// <param name="key">
    /// The grain's key as the key of its stream: an integer in decimal, a GUID with hyphens (<see cref="GrainKeys"/>).
    /// </param>
    /// <param name="create">Makes the grain; null calls its constructor without parameters.</param>
    public AggregateScenario(string key, Func<TGrain>? create = null)
    {
        _key = key;
        _create = create ?? Activator.CreateInstance<TGrain>;
    }

    /// <summary>What happened before: the events are in the stream when the grain is next activated.</summary>
    public AggregateScenario<TGrain> Given(params IEnumerable<object> events)
    {
        foreach (var @event in events) _log.Add(new ScenarioEntry(@event, null));
        return Reactivated();
    }

    /// <summary>
    /// Configures the events as the silo does: names, JSON, upcasters, a codec of the grain's own. To be called before
    /// the first call.
    /// </summary>
    public AggregateScenario<TGrain> Configure(Action<IGranaryBuilder> configure)
    {
        _configure += configure;
        _services = null;
        return Reactivated();
    }

    /// <summary>Drops the activation: the next call is made on a new one, which folds the stream again.</summary>
    public AggregateScenario<TGrain> Reactivated()
    {
        _grain = null;
        return this;
    }

    /// <summary>
    /// Calls the grain, and records what it answered and which events were confirmed. What it raised and did not
    /// confirm itself is confirmed when it returns or throws, as a journal on a store does in the background. A grain
    /// whose activation fails fails the call. It may be called again.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// The grain is no journaled grain, or a given event is none of its events, or is refused by their codec.
    /// </exception>
    public async Task<ScenarioOutcome<TAnswer>> WhenAsync<TAnswer>(Func<TGrain, Task<TAnswer>> call)
    {
        var grain = _grain ?? Create();
        _log.Mark();
        var (answer, failure) = await CallAsync(grain, call);
        if (_journal is not null) await _journal.ConfirmSubmittedEntries();
        return new ScenarioOutcome<TAnswer>(answer, failure, _log.EventsSinceMark());
    }

    /// <summary>Calls a method of the grain that answers nothing.</summary>
    public Task<ScenarioOutcome<object?>> WhenAsync(Func<TGrain, Task> call) => WhenAsync<object?>(async grain =>
    {
        await call(grain);
        return null;
    });

    private async Task<(TAnswer? Answer, Exception? Failure)> CallAsync<TAnswer>(
        TGrain grain, Func<TGrain, Task<TAnswer>> call)
    {
        try
        {
            if (_grain is null) await ActivateAsync(grain);
            return (await call(grain), null);
        }
        catch (Exception failure)
        {
            return (default, failure);
        }
    }

    private TGrain Create()
    {
        var grain = _create();
        var type = ScenarioGrainContext.TypeOf(grain);
        var kind = GrainKeys.KindOf(grain.GetType());
        if (!GrainKeys.TryToGrainKey(kind, _key, out var key))
            throw new InvalidStreamKeyException(type.ToString()!, _key, kind);
        SetContext(grain, new ScenarioGrainContext(GrainId.Create(type, key), grain));
        _services ??= ScenarioServices.For(typeof(TGrain).Assembly, _configure);
        _journal = ScenarioJournalFactory.Install(grain, _log, _key, _services);
        return grain;
    }

    private async Task ActivateAsync(TGrain grain)
    {
        _journal!.Load();
        await grain.OnActivateAsync(CancellationToken.None);
        _grain = grain;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_GrainContext")]
    private static extern void SetContext(Grain grain, IGrainContext context);
}
