using Orleans.Concurrency;
using Orleans.Placement;

namespace Granary.Tests.Integration;

/// <summary>A grain that is on no log: where it lives, a state in the default storage, and a reminder.</summary>
[Alias("IProbeGrain")]
public interface IProbeGrain : IGrainWithStringKey
{
    /// <summary>The silo that it lives on.</summary>
    [Alias("ReadPlace")]
    Task<string> ReadPlace();

    [Alias("ReadState")]
    Task<int> ReadState();

    [Alias("WriteState")]
    Task WriteState(int value);

    /// <summary>Registers a reminder, and returns when it was due for the first time.</summary>
    [Alias("Remind")]
    Task Remind();

    [Alias("HasReminder")]
    Task<bool> HasReminder();
}

[GenerateSerializer, Alias("ProbeState")]
public sealed class ProbeState
{
    [Id(0)]
    public int Value { get; set; }
}

[Reentrant, RandomPlacement]
public sealed class ProbeGrain(
    [PersistentState("probe")] IPersistentState<ProbeState> state, ILocalSiloDetails silo)
    : Grain, IProbeGrain, IRemindable
{
    private const string Reminder = "probe";

    // A reminder whose time is over when it is registered is first due a whole period later.
    private static readonly TimeSpan DueTime = TimeSpan.FromSeconds(3);

    private readonly TaskCompletionSource _due = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<string> ReadPlace() => Task.FromResult(silo.SiloAddress.Endpoint.Port.ToString("D"));

    public Task<int> ReadState() => Task.FromResult(state.State.Value);

    public Task WriteState(int value)
    {
        state.State.Value = value;
        return state.WriteStateAsync();
    }

    public async Task Remind()
    {
        await this.RegisterOrUpdateReminder(Reminder, DueTime, TimeSpan.FromMinutes(1));
        await _due.Task;
    }

    public async Task<bool> HasReminder() => await this.GetReminder(Reminder) is not null;

    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        _due.TrySetResult();
        return Task.CompletedTask;
    }
}
