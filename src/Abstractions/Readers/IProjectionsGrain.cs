namespace Granary;

/// <summary>Shows and steers the builds of projections. Any key will do.</summary>
/// <remarks>
/// A build is a table of a projection's models, filled from the log by a reader of the same name. One of a projection's
/// builds serves queries; another one is made beside it, and takes its place in one transaction. A live projection has
/// none: what changes builds throws <see cref="ProjectionIsLiveException"/>.
/// </remarks>
[Alias("granary.IProjectionsGrain")]
public interface IProjectionsGrain : IGrainWithIntegerKey
{
    /// <summary>All projections with their builds, ordered by name.</summary>
    [Alias("ReadAll")]
    Task<IReadOnlyList<ProjectionView>> ReadAll(CancellationToken cancellationToken = default);

    /// <summary>A projection with its builds.</summary>
    /// <exception cref="ReaderUnknownException">There is no projection of that name.</exception>
    [Alias("Read")]
    Task<ProjectionView> Read(string projection, CancellationToken cancellationToken = default);

    /// <summary>
    /// Begins a new build from the log, beside the one that serves queries. When it has caught up, the rows of both are
    /// compared, and it is ready. Where a build is in progress already, none is begun. An SQL projection has one set of
    /// tables: they are emptied and filled anew.
    /// </summary>
    /// <param name="projection">The projection.</param>
    /// <param name="publish">Whether it serves queries as soon as it is ready.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The build that is in progress.</returns>
    /// <exception cref="ModelQueryException">It is an SQL projection, and is not to be published.</exception>
    /// <exception cref="ReaderUnknownException">There is no projection of that name.</exception>
    [Alias("Rebuild")]
    Task<BuildView> Rebuild(string projection, bool publish = false, CancellationToken cancellationToken = default);

    /// <summary>
    /// Has another build serve queries, at once: one that is ready, or has served them before. The build before it is
    /// kept, and is filled on where its code is still there.
    /// </summary>
    /// <returns>Whether there is such a build, and it can serve queries.</returns>
    /// <exception cref="ReaderUnknownException">There is no projection of that name.</exception>
    [Alias("Switch")]
    Task<bool> Switch(string projection, string build, CancellationToken cancellationToken = default);

    /// <summary>Drops a build that does not serve queries, with its rows and checkpoints.</summary>
    /// <returns>Whether there is such a build, and it did not serve queries.</returns>
    /// <exception cref="ReaderUnknownException">There is no projection of that name.</exception>
    [Alias("Drop")]
    Task<bool> Drop(string projection, string build, CancellationToken cancellationToken = default);
}
