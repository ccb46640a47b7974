using System.Text.Json;

namespace Granary.Runtime;

/// <summary>What was found of each build, as it is stored: a row a build.</summary>
internal sealed class DriftTable(IModelStore models)
{
    private const int TriesMax = 20;

    public static ModelTable Table { get; } = new("granary_drift");

    /// <summary>What was found of a build; null where it was not looked at.</summary>
    public async ValueTask<DriftDocument?> ReadAsync(BuildDocument build, CancellationToken cancellationToken) =>
        Of(await ReadRowAsync(build.Table, cancellationToken), build);

    /// <summary>Adds what a round has found.</summary>
    /// <exception cref="StoreUnavailableException">Others change it all the time.</exception>
    public async ValueTask<DriftDocument> AddAsync(
        BuildDocument build, TruthRound round, DateTimeOffset now, CancellationToken cancellationToken)
    {
        for (var tries = 0; tries < TriesMax; tries++)
        {
            var row = await ReadRowAsync(build.Table, cancellationToken);
            var before = Of(row, build) ?? new DriftDocument(build.StartedAt, now, 0, 0, []);
            var after = before.With(round, now);
            var write = ModelWrite.Put(
                Table, build.Table, row, JsonSerializer.SerializeToUtf8Bytes(after, DriftJson.Default.DriftDocument),
                []);
            if (await models.CommitAsync(new ModelCommit(write), cancellationToken) == ModelCommitOutcome.Committed)
                return after;
        }

        throw new StoreUnavailableException(
            $"What was found of '{build.Table}' was changed by others {TriesMax} times meanwhile. Try again.");
    }

    /// <summary>Deletes what was found of a build that is dropped.</summary>
    public async ValueTask DeleteAsync(string build, CancellationToken cancellationToken)
    {
        for (var tries = 0; tries < TriesMax; tries++)
        {
            if (await ReadRowAsync(build, cancellationToken) is not { } row) return;
            var commit = new ModelCommit(ModelWrite.Delete(Table, row));
            if (await models.CommitAsync(commit, cancellationToken) == ModelCommitOutcome.Committed) return;
        }
    }

    private async ValueTask<ModelRow?> ReadRowAsync(string build, CancellationToken cancellationToken) =>
        (await models.ReadAsync(Table, [build], cancellationToken)).SingleOrDefault();

    private static DriftDocument? Of(ModelRow? row, BuildDocument build) =>
        row is not null
        && JsonSerializer.Deserialize(row.Document.Span, DriftJson.Default.DriftDocument) is { } found
        && found.BuildStartedAt == build.StartedAt
            ? found
            : null;
}
