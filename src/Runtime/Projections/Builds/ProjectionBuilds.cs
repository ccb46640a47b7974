namespace Granary.Runtime;

/// <summary>
/// Sees to it in every silo that the projections of its code have builds, and has the next step of each done in one
/// silo of the cluster.
/// </summary>
internal sealed class ProjectionBuilds(ProjectionWorkers workers, FollowingServices services, IGrainFactory grains)
    : ISupervised
{
    /// <inheritdoc />
    public async Task SuperviseAsync(CancellationToken cancellationToken)
    {
        if (workers.Projections.Count == 0) return;
        var all = await workers.ReadBuildsAsync(cancellationToken);
        var steps = new BuildSteps(services, new BuildReaders(services, grains));
        foreach (var projection in workers.Projections)
        {
            if (all.TryGetValue(projection.Name, out var builds) && !BuildSteps.IsDue(builds, projection)) continue;
            try
            {
                await steps.EnsureAsync(projection, cancellationToken);
                await grains.GetGrain<IProjectionBuildGrain>(projection.Name).Advance();
            }
            catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
            {
                BuildsLog.NotAdvanced(services.Logger, fault, projection.Name);
            }
        }
    }
}
