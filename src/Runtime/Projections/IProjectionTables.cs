namespace Granary.Runtime;

/// <summary>Where the models of projections are.</summary>
internal interface IProjectionTables
{
    /// <summary>
    /// The build of a projection that serves queries; null where there is no projection of that name.
    /// </summary>
    ValueTask<PublishedBuild?> FindAsync(string projection, CancellationToken cancellationToken);

    /// <summary>A live projection, which has no tables; null where there is none of that name.</summary>
    IProjection? FindLive(string projection);
}

/// <summary>The build of a projection that serves queries.</summary>
/// <param name="Projection">
/// The projection as this silo has it; its version may be newer than that of the build.
/// </param>
/// <param name="Table">The table.</param>
/// <param name="Reader">The name of the build's reader, whose checkpoints say how far the models are.</param>
internal sealed record PublishedBuild(IProjection Projection, ModelTable Table, string Reader);
