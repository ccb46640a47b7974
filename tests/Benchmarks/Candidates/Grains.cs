using System.Text.Json;
using Orleans.EventSourcing;
using Orleans.EventSourcing.CustomStorage;
using Orleans.Providers;

namespace Granary.Benchmarks;

/// <summary>The grain of every candidate on Orleans, whatever stores its events.</summary>
[Alias("bench.ITallyGrain")]
public interface ITallyGrain : IGrainWithIntegerKey
{
    /// <summary>Raises one event and confirms it; answers how many there are.</summary>
    [Alias("Add")] Task<long> Add(long amount);

    /// <summary>Raises so many events and confirms them together; answers how many there are.</summary>
    [Alias("AddMany")] Task<long> AddMany(int events);

    /// <summary>How many events there are.</summary>
    [Alias("Count")] Task<long> Count();

    /// <summary>Deactivates the grain when the call is over.</summary>
    [Alias("Deactivate")] Task Deactivate();
}

/// <summary>The one event of all candidates: small, as most are.</summary>
[GenerateSerializer, Immutable, Alias(TypeName)]
public sealed record Noted([property: Id(0)] long Amount, [property: Id(1)] string Note)
{
    internal const string TypeName = "bench.noted";

    private static string _text = "a note as long as many are";

    /// <summary>The event as JSON, for candidates that take bytes.</summary>
    internal static byte[] Json { get; } = JsonSerializer.SerializeToUtf8Bytes(Of(1), JsonSerializerOptions.Web);

    internal static Noted Of(long amount) => new(amount, _text);

    /// <summary>Makes the events of grains longer, until what it returns is disposed.</summary>
    /// <param name="length">The length of their notes, in characters.</param>
    internal static IDisposable Lengthen(int length)
    {
        var before = Interlocked.Exchange(ref _text, new string('n', length));
        return new Restoring(() => Interlocked.Exchange(ref _text, before));
    }

    private sealed class Restoring(Action restore) : IDisposable
    {
        public void Dispose() => restore();
    }
}

/// <summary>The state of all candidates' grains.</summary>
[GenerateSerializer, Alias("bench.TallyState")]
public sealed class TallyState
{
    /// <summary>How many events were folded.</summary>
    [Id(0)] public long Events { get; set; }

    /// <summary>The sum of their amounts.</summary>
    [Id(1)] public long Total { get; set; }

    /// <summary>The length of the last note: the event is read, whole.</summary>
    [Id(2)] public int LastLength { get; set; }

    /// <summary>Folds an event.</summary>
    public void Apply(Noted noted)
    {
        Events++;
        Total += noted.Amount;
        LastLength = noted.Note.Length;
    }
}

/// <summary>The same state and the same calls, and nothing is stored.</summary>
public abstract class UnstoredTally(Deactivations deactivations) : Grain, ITallyGrain
{
    private readonly TallyState _state = new();

    /// <inheritdoc />
    public virtual Task<long> Add(long amount)
    {
        _state.Apply(Noted.Of(amount));
        return Task.FromResult(_state.Events);
    }

    /// <inheritdoc />
    public Task<long> AddMany(int events)
    {
        for (var at = 0; at < events; at++) _state.Apply(Noted.Of(1));
        return Task.FromResult(_state.Events);
    }

    /// <inheritdoc />
    public Task<long> Count() => Task.FromResult(_state.Events);

    /// <inheritdoc />
    public Task Deactivate()
    {
        deactivations.Add(GrainContext);
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}

/// <summary>The upper limit of everything that is a grain.</summary>
[GrainType(Kind)]
public sealed class PlainTally(Deactivations deactivations) : UnstoredTally(deactivations)
{
    internal const string Kind = "bench-plain";
}

/// <summary>The upper limit of everything that confirms after a group commit: it waits for a batch.</summary>
[GrainType(Kind)]
public sealed class SuspendedTally(Deactivations deactivations, BatchSignal signal) : UnstoredTally(deactivations)
{
    internal const string Kind = "bench-suspended";

    /// <inheritdoc />
    public override async Task<long> Add(long amount)
    {
        await signal.WaitAsync();
        return await base.Add(amount);
    }
}

/// <summary>An ordinary journaled grain: its providers differ, it does not.</summary>
public abstract class JournaledTally(Deactivations deactivations) : JournaledGrain<TallyState, Noted>, ITallyGrain
{
    /// <inheritdoc />
    public async Task<long> Add(long amount)
    {
        RaiseEvent(Noted.Of(amount));
        await ConfirmEvents();
        return State.Events;
    }

    /// <inheritdoc />
    public async Task<long> AddMany(int events)
    {
        var raised = new Noted[events];
        for (var at = 0; at < events; at++) raised[at] = Noted.Of(1);
        RaiseEvents(raised);
        await ConfirmEvents();
        return State.Events;
    }

    /// <inheritdoc />
    public Task<long> Count() => Task.FromResult(State.Events);

    /// <inheritdoc />
    public Task Deactivate()
    {
        deactivations.Add(GrainContext);
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}

/// <summary>On Granary, the silo's default provider.</summary>
[GrainType(Kind)]
public sealed class GranaryTally(Deactivations deactivations) : JournaledTally(deactivations)
{
    internal const string Kind = "bench-granary";
}

/// <summary>On Orleans' LogStorage.</summary>
[GrainType(Kind), LogConsistencyProvider(ProviderName = Kind)]
public sealed class LogStorageTally(Deactivations deactivations) : JournaledTally(deactivations)
{
    internal const string Kind = "bench-log-storage";
}

/// <summary>On Orleans' StateStorage.</summary>
[GrainType(Kind), LogConsistencyProvider(ProviderName = Kind)]
public sealed class StateStorageTally(Deactivations deactivations) : JournaledTally(deactivations)
{
    internal const string Kind = "bench-state-storage";
}

/// <summary>On Orleans' CustomStorage over an indexed table, one transaction a write.</summary>
[GrainType(Kind), LogConsistencyProvider(ProviderName = Kind)]
public sealed class CustomStorageTally(Deactivations deactivations, IndexedTable table)
    : JournaledTally(deactivations), ICustomStorageInterface<TallyState, Noted>
{
    internal const string Kind = "bench-custom-storage";

    /// <inheritdoc />
    public async Task<KeyValuePair<int, TallyState>> ReadStateFromStorage()
    {
        var state = new TallyState();
        foreach (var noted in await table.ReadAsync(this.GetPrimaryKeyLong())) state.Apply(noted);
        return new((int)state.Events, state);
    }

    /// <inheritdoc />
    public Task<bool> ApplyUpdatesToStorage(IReadOnlyList<Noted> updates, int expectedVersion) =>
        table.AppendAsync(this.GetPrimaryKeyLong(), expectedVersion, updates);
}
