using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Granary.Runtime;

/// <summary>How the builds of projections are written.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(BuildsDocument))]
internal sealed partial class BuildsJson : JsonSerializerContext;

/// <summary>The builds of a projection, oldest first.</summary>
internal sealed record BuildsDocument(IReadOnlyList<BuildDocument> Builds)
{
    /// <summary>
    /// The highest number that a build had when one was dropped, by version. No later build is called as one that was
    /// dropped: what a worker of that one may still write is not taken for its own.
    /// </summary>
    public IReadOnlyDictionary<int, int>? Dropped { get; init; }

    /// <summary>The one that serves queries.</summary>
    [JsonIgnore]
    public BuildDocument Published => Builds.Single(static one => one.State == BuildState.Published);

    /// <summary>The one that is made ready; null where there is none.</summary>
    [JsonIgnore]
    public BuildDocument? InProgress => Builds.FirstOrDefault(static one => one.State == BuildState.Building);

    /// <summary>The first build of a projection, which serves queries from the start.</summary>
    public static BuildsDocument First(IProjection projection, DateTimeOffset now) =>
        new([BuildDocument.Of(projection, 1, BuildState.Published, true, now)]);

    public BuildDocument? Find(string table) => Builds.FirstOrDefault(one => one.Table == table);

    /// <summary>With one build changed.</summary>
    public BuildsDocument With(BuildDocument changed) =>
        this with { Builds = [.. Builds.Select(one => one.Table == changed.Table ? changed : one)] };

    /// <summary>With another build.</summary>
    public BuildsDocument And(BuildDocument added) => this with { Builds = [.. Builds, added] };

    /// <summary>Without a build that is dropped.</summary>
    public BuildsDocument Without(string table)
    {
        if (Find(table) is not { } build) return this;
        return this with
        {
            Builds = [.. Builds.Where(one => one.Table != table)],
            Dropped = new Dictionary<int, int>(Dropped ?? new Dictionary<int, int>())
            {
                [build.Version] = NextNumberOf(build.Version) - 1,
            },
        };
    }

    /// <summary>The number of the next build of a version.</summary>
    public int NextNumberOf(int version) => Builds.Where(one => one.Version == version)
        .Select(static one => one.Number).Append(Dropped?.GetValueOrDefault(version) ?? 0).Max() + 1;

    /// <summary>With another build that serves queries, and the one before kept as an old one.</summary>
    public BuildsDocument Publish(string table) => this with
    {
        Builds = [.. Builds.Select(one => one.Table == table ? one with { State = BuildState.Published }
            : one.State == BuildState.Published ? one with { State = BuildState.Old }
            : one)],
    };
}

/// <summary>One build: a table of its own, filled by a reader of the same name.</summary>
/// <param name="Version">The version of the projection's code.</param>
/// <param name="Number">Which build of that version, from 1.</param>
/// <param name="Table">The table, and its reader.</param>
/// <param name="Columns">The table's columns.</param>
/// <param name="State">What it is for.</param>
/// <param name="PublishesItself">Whether it serves queries as soon as it is ready.</param>
/// <param name="StartedAt">When it was begun.</param>
internal sealed record BuildDocument(
    int Version,
    int Number,
    string Table,
    IReadOnlyList<ColumnDocument> Columns,
    BuildState State,
    bool PublishesItself,
    DateTimeOffset StartedAt)
{
    /// <summary>
    /// How its rows differ from those of the build that served queries; null as long as that is not known.
    /// </summary>
    public ComparisonDocument? Comparison { get; init; }

    /// <summary>The table.</summary>
    public ModelTable ToTable() =>
        new(Table, [.. Columns.Select(static one => new ModelColumn(one.Name, one.Kind))]);

    /// <summary>Whether a silo's code fills it.</summary>
    public bool IsOf(IProjection projection) =>
        Version == projection.Version && ToTable().Columns.SequenceEqual(projection.Columns);

    /// <summary>A new build of a projection.</summary>
    public static BuildDocument Of(
        IProjection projection, int number, BuildState state, bool publishesItself, DateTimeOffset now) => new(
        projection.Version,
        number,
        NameOf(projection.Name, projection.Version, number),
        [.. projection.Columns.Select(static one => new ColumnDocument(one.Name, one.Kind))],
        state,
        publishesItself,
        now);

    private static string NameOf(string projection, int version, int number) => number == 1
        ? string.Create(CultureInfo.InvariantCulture, $"{projection}_v{version}")
        : string.Create(CultureInfo.InvariantCulture, $"{projection}_v{version}_{number}");
}

/// <summary>A column of a build's table.</summary>
internal sealed record ColumnDocument(string Name, ModelColumnKind Kind);

/// <summary>How the rows of two builds differ.</summary>
/// <param name="Differences">How many rows differ.</param>
/// <param name="First">The first of them.</param>
/// <param name="NotCompared">Why they were not compared; null where they were.</param>
internal sealed record ComparisonDocument(
    long Differences, IReadOnlyList<BuildDifference> First, string? NotCompared = null);
