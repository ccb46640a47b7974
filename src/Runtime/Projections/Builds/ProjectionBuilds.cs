namespace Granary.Runtime;

/// <summary>
/// Sees to it in every silo that the projections of its code have builds, and has the next step of each done in one
/// silo
/// of the cluster.
/// </summary>
internal sealed class ProjectionBuilds(ProjectionWorkers workers, FollowingServices services, IGrainFactory grains)
    : ISupervised
{
    private bool _hasTable;

    /// <inheritdoc />
    public async Task SuperviseAsync(CancellationToken cancellationToken)
    {
        if (workers.Projections.Count == 0) return;
        if (!_hasTable) await services.Models.CreateTableAsync(BuildsTable.Table, cancellationToken);
        _hasTable = true;
        var steps = new BuildSteps(services, new BuildReaders(services, grains));
        foreach (var projection in workers.Projections)
        {
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
