namespace Granary.Runtime;

/// <summary>
/// Leads a projection's new build to its end: compares it with the one that serves queries, where both are at the same
/// positions, and publishes it once it has caught up.
/// </summary>
internal sealed class BuildSteps(FollowingServices services, BuildReaders readers)
{
    // So close to the end of the log a build counts as caught up: its reader passes that many within a second.
    private const long CaughtUpMax = 2_000;

    private BuildsTable Table => new(services.Models);

    /// <summary>Whether a build is to be begun, or to be led on, for a projection's code.</summary>
    public static bool IsDue(BuildsDocument builds, IProjection projection) =>
        IsChanged(builds, projection) || builds.InProgress is not null;

    /// <summary>Sees to it that there is a build for a projection's code as it is in this silo.</summary>
    public async ValueTask<BuildsDocument> EnsureAsync(IProjection projection, CancellationToken cancellationToken)
    {
        var builds = await Table.ReadAsync(projection.Name, cancellationToken);
        if (builds is not null && !IsChanged(builds, projection)) return builds;
        if (builds is not null) await BoundNextAsync(builds, projection, cancellationToken);
        return (await Table.ChangeAsync(projection.Name, now => Extend(now, projection), cancellationToken))!;
    }

    /// <summary>Begins a build of the projection's code as it is in this silo, where none is in progress.</summary>
    public async ValueTask<BuildDocument> RebuildAsync(
        IProjection projection, bool publishesItself, CancellationToken cancellationToken)
    {
        await EnsureAsync(projection, cancellationToken);
        var builds = await Table.ChangeAsync(
            projection.Name,
            now => now!.InProgress is not null ? now : Add(now, projection, publishesItself),
            cancellationToken);
        return builds!.InProgress!;
    }

    /// <summary>Does the next step that is due.</summary>
    public async ValueTask AdvanceAsync(IProjection projection, CancellationToken cancellationToken)
    {
        var builds = await EnsureAsync(projection, cancellationToken);
        if (builds.InProgress is not { } build || !build.IsOf(projection)) return;
        if (build.Comparison is null && await CompareAsync(builds, build, projection, cancellationToken) is { } found)
        {
            build = build with { Comparison = found };
            await Table.ChangeAsync(
                projection.Name, now => now!.Find(build.Table) is null ? now : now.With(build), cancellationToken);
            BuildsLog.Compared(
                services.Logger, build.Table, builds.Published.Table, found.Differences, found.NotCompared ?? "");
        }

        if (build.Comparison is null || !await IsCaughtUpAsync(build.Table, cancellationToken)) return;
        await Table.ChangeAsync(projection.Name, now => Complete(now!, build), cancellationToken);
        BuildsLog.Ready(services.Logger, build.Table, build.PublishesItself);
    }

    private static BuildsDocument? Complete(BuildsDocument now, BuildDocument build)
    {
        if (now.InProgress?.Table != build.Table) return now;
        var ready = now.With(build with { State = BuildState.Ready });
        return build.PublishesItself ? ready.Publish(build.Table) : ready;
    }

    // A build of a later version than that of this silo belongs to silos with newer code: it is left alone.
    private static bool IsChanged(BuildsDocument builds, IProjection projection) =>
        builds.Builds.All(one => !one.IsOf(projection))
        && builds.Builds.All(one => one.Version <= projection.Version);

    private BuildsDocument Extend(BuildsDocument? now, IProjection projection)
    {
        if (now is null) return BuildsDocument.First(projection, services.Time.GetUtcNow());
        return IsChanged(now, projection) ? Add(Abandon(now), projection, publishesItself: true) : now;
    }

    // A build of older code that is not ready never will be: it is kept as an old one, to be dropped.
    private static BuildsDocument Abandon(BuildsDocument now) =>
        now.InProgress is { } build ? now.With(build with { State = BuildState.Old }) : now;

    private BuildsDocument Add(BuildsDocument now, IProjection projection, bool publishesItself)
    {
        return now.And(BuildDocument.Of(
            projection, now.NextNumberOf(projection.Version), BuildState.Building, publishesItself,
            services.Time.GetUtcNow()));
    }

    // Where no code fills the build that serves queries any more, the new one stops where that one has stopped, and is
    // compared there. It is bounded before it begins.
    private async ValueTask BoundNextAsync(
        BuildsDocument builds, IProjection projection, CancellationToken cancellationToken)
    {
        var next = Add(Abandon(builds), projection, publishesItself: true).InProgress!;
        var at = await readers.ReadPositionsAsync(builds.Published.Table, cancellationToken);
        await new ReaderSettings(services.Models).ChangeAsync(
            next.Table, setting => setting with { Until = at }, cancellationToken);
    }

    private async ValueTask<bool> IsCaughtUpAsync(string reader, CancellationToken cancellationToken)
    {
        var ends = await readers.ReadEndsAsync(cancellationToken);
        var at = await readers.ReadPositionsAsync(reader, cancellationToken);
        return ends.Sum(end => Math.Max(0, end.Value - at[end.Key])) <= CaughtUpMax;
    }

    // Null where it is not time to compare.
    private async ValueTask<ComparisonDocument?> CompareAsync(
        BuildsDocument builds, BuildDocument build, IProjection projection, CancellationToken cancellationToken)
    {
        var old = builds.Published;
        return old.IsOf(projection)
            ? await CompareHeldAsync(old, build, cancellationToken)
            : await CompareStoppedAsync(old, build, cancellationToken);
    }

    private async ValueTask<ComparisonDocument?> CompareHeldAsync(
        BuildDocument old, BuildDocument build, CancellationToken cancellationToken)
    {
        if (!await IsCaughtUpAsync(build.Table, cancellationToken)) return null;
        try
        {
            if (!await readers.HoldAsync(old.Table, build.Table, cancellationToken))
                return NotCompared("the two builds could not be held at the same positions within a minute");
            return await CompareRowsAsync(old, build, cancellationToken);
        }
        finally
        {
            await readers.BoundAsync(old.Table, null, CancellationToken.None);
            await readers.BoundAsync(build.Table, null, CancellationToken.None);
        }
    }

    private async ValueTask<ComparisonDocument?> CompareStoppedAsync(
        BuildDocument old, BuildDocument build, CancellationToken cancellationToken)
    {
        var target = await readers.ReadPositionsAsync(old.Table, cancellationToken);
        var at = await readers.ReadPositionsAsync(build.Table, cancellationToken);
        if (at.Any(one => one.Value > target[one.Key]))
        {
            await readers.BoundAsync(build.Table, null, cancellationToken);
            return NotCompared("the new build has passed the positions of the one that serves queries");
        }

        if (at.Any(one => one.Value < target[one.Key]))
        {
            // Silos with the older code may still run: the positions are looked at again each time.
            await readers.BoundAsync(build.Table, target, cancellationToken);
            return null;
        }

        var compared = await CompareRowsAsync(old, build, cancellationToken);
        var after = await readers.ReadPositionsAsync(old.Table, cancellationToken);
        await readers.BoundAsync(build.Table, null, cancellationToken);
        return after.All(one => target[one.Key] == one.Value)
            ? compared
            : NotCompared("the build that serves queries was changed meanwhile, by silos with the older code");
    }

    private ValueTask<ComparisonDocument> CompareRowsAsync(
        BuildDocument old, BuildDocument build, CancellationToken cancellationToken) =>
        new BuildComparer(services.Models).CompareAsync(old.ToTable(), build.ToTable(), cancellationToken);

    private static ComparisonDocument NotCompared(string reason) => new(0, [], reason);
}
