using Orleans.EventSourcing;

namespace Granary.Testing.Conformance.Grains;

/// <summary>A grain that records in which order it is called on activation.</summary>
[Alias("test.IActivationGrain")]
public interface IActivationGrain : IGrainWithStringKey
{
    [Alias("Add")] Task Add(int amount);

    [Alias("Calls")] Task<string[]> Calls();

    [Alias("Leave")] Task Leave();
}

/// <summary>The same, for a grain that does not call the base's <c>OnActivateAsync</c>.</summary>
[Alias("test.IQuietActivationGrain")]
public interface IQuietActivationGrain : IGrainWithStringKey
{
    [Alias("Add")] Task Add(int amount);

    [Alias("Calls")] Task<string[]> Calls();

    [Alias("Leave")] Task Leave();
}

public abstract class RecordingGrain : JournaledGrain<CounterState, ICounterEvent>
{
    private protected List<string> Recorded { get; } = [];

    public Task Add(int amount)
    {
        RaiseEvent(new Added(amount));
        return ConfirmEvents();
    }

    public Task<string[]> Calls() => Task.FromResult(Recorded.ToArray());

    public Task Leave()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    protected override void OnStateChanged() => Recorded.Add($"changed to {State.Total}");
}

[GrainType("activation")]
public sealed class ActivationGrain : RecordingGrain, IActivationGrain
{
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Recorded.Add("activating");
        await base.OnActivateAsync(cancellationToken);
        Recorded.Add("activated");
    }
}

[GrainType("quiet-activation")]
public sealed class QuietActivationGrain : RecordingGrain, IQuietActivationGrain
{
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Recorded.Add("activated");
        return Task.CompletedTask;
    }
}
