using Orleans.Concurrency;
using Orleans.Placement;

namespace Granary.Runtime;

/// <summary>Runs one step of a projection's builds at a time, beside its turns: to compare tables takes long.</summary>
[RandomPlacement, Reentrant]
internal sealed class ProjectionBuildGrain(
    ProjectionWorkers workers, FollowingServices services, IGrainFactory grains) : Grain, IProjectionBuildGrain
{
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    /// <inheritdoc />
    public Task Advance()
    {
        var projection = workers.Projections.FirstOrDefault(one => one.Name == this.GetPrimaryKeyString());
        if (projection is null) DeactivateOnIdle();
        else if (_running.IsCompleted)
        {
            using (ExecutionContext.SuppressFlow())
                _running = Task.Run(() => AdvanceAsync(projection), CancellationToken.None);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _running.WaitAsync(cancellationToken).ConfigureAwait(
            ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    private async Task AdvanceAsync(IProjection projection)
    {
        try
        {
            await new BuildSteps(services, new BuildReaders(services, grains))
                .AdvanceAsync(projection, _stopping.Token);
        }
        catch (Exception fault) when (!_stopping.IsCancellationRequested)
        {
            BuildsLog.NotAdvanced(services.Logger, fault, projection.Name);
        }
    }
}
