using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Granary.Runtime;

/// <summary>
/// Checks some models of each stored projection at random: half of them are rows of its table, the others belong to
/// streams of the log, so that a row that is missing is found too. Those that differed before are checked again.
/// </summary>
internal sealed class TruthCheck(
    ProjectionWorkers workers,
    FollowingServices services,
    DriftReports reports,
    IOptions<TruthCheckOptions> options,
    ILogger<TruthCheck> logger)
{
    private readonly ILogger _logger = logger.Guarded();
    private readonly Random _random = new();
    private readonly Dictionary<string, (BuildDocument Build, KeySampler Keys)> _samplers = [];

    private DriftTable Table => new(services.Models);

    /// <summary>Checks each projection once; not to be called twice at a time.</summary>
    public async Task RunRoundAsync(CancellationToken cancellationToken)
    {
        foreach (var projection in workers.Projections)
        {
            try
            {
                await CheckAsync(projection, cancellationToken);
            }
            catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
            {
                TruthCheckLog.NotChecked(_logger, fault, projection.Name);
            }
        }
    }

    /// <summary>What was found of the build that serves a projection's queries.</summary>
    public async ValueTask<TruthCheckView> ReadAsync(
        IProjection projection, BuildsDocument? builds, CancellationToken cancellationToken)
    {
        var fault = options.Value.Enabled ? projection.StreamFault : "checks are switched off";
        var found = builds is null ? null : await Table.ReadAsync(builds.Published, cancellationToken);
        return new TruthCheckView
        {
            NotChecked = fault,
            CheckedAt = found?.CheckedAt,
            Checked = found?.Checked ?? 0,
            Skipped = found?.Skipped ?? 0,
            Drifted = found?.Keys ?? [],
        };
    }

    /// <summary>Forgets what was found of a build that is dropped.</summary>
    public ValueTask ForgetAsync(string build, CancellationToken cancellationToken) =>
        Table.DeleteAsync(build, cancellationToken);

    private async ValueTask CheckAsync(IProjection projection, CancellationToken cancellationToken)
    {
        var builds = await new BuildsTable(services.Models).ReadAsync(projection.Name, cancellationToken);

        // The rows of other code are not what this silo's code makes of the log.
        if (projection.StreamFault is not null || builds?.Published is not { } build || !build.IsOf(projection))
        {
            reports.Report(projection.Name, 0);
            return;
        }

        var known = (await Table.ReadAsync(build, cancellationToken))?.Keys ?? [];
        var round = await CheckAsync(projection, build, known, cancellationToken);
        var found = await Table.AddAsync(build, round, services.Time.GetUtcNow(), cancellationToken);
        reports.Report(projection.Name, found.Keys.Count);
        foreach (var key in found.Keys.Except(known))
            TruthCheckLog.Differs(_logger, key, projection.Name, build.Table);
        var corrected = known.Count(one => round.Outcomes.GetValueOrDefault(one, RefoldOutcome.Skipped)
            == RefoldOutcome.Equal);
        if (corrected > 0) TruthCheckLog.Corrected(_logger, corrected, projection.Name, build.Table);
    }

    private async ValueTask<TruthRound> CheckAsync(
        IProjection projection, BuildDocument build, IReadOnlyList<string> known, CancellationToken cancellationToken)
    {
        var (round, count) = (new TruthRound(), options.Value.KeysMax);
        var published = new PublishedBuild(projection, build.ToTable(), build.Table);
        var refold = new ModelRefold(
            published, services.Store, services.Models, services.StoreId, options.Value.EventsMax);
        foreach (var key in known.Take(count)) round.Add(key, await refold.CheckAsync(key, cancellationToken));
        var first = _random.Next(2);
        for (var i = 0; i < count; i++)
        {
            var key = (i + first) % 2 == 0
                ? await SamplerOf(projection, build).DrawAsync(cancellationToken)
                : await DrawFromLogAsync(published, cancellationToken);
            if (key is not null && !round.Outcomes.ContainsKey(key))
                round.Add(key, await refold.CheckAsync(key, cancellationToken));
        }

        return round;
    }

    private KeySampler SamplerOf(IProjection projection, BuildDocument build)
    {
        if (!_samplers.TryGetValue(projection.Name, out var found) || found.Build.Table != build.Table)
            _samplers[projection.Name] = found = (build, new KeySampler(services.Models, build.ToTable(), _random));
        return found.Keys;
    }

    // The key of the stream of an event at a random position; null where there is none nearby.
    private async ValueTask<string?> DrawFromLogAsync(PublishedBuild build, CancellationToken cancellationToken)
    {
        var partition = new LogPartition(_random.Next(services.PartitionCount));
        var checkpoint = await services.Models.ReadCheckpointAsync(build.Reader, partition, cancellationToken);
        if (checkpoint is null || checkpoint.Position == GlobalPosition.Zero) return null;
        var after = new LogPosition(partition, new GlobalPosition(_random.NextInt64(checkpoint.Position.Value)));
        var page = await services.Store.ReadLogAsync(after, build.Projection.Filter, 1, cancellationToken);
        return page.Events.Count == 0 ? null : page.Events[0].Stream.Key;
    }
}
