namespace Granary;

/// <summary>Which models of a projection are read, and in which order.</summary>
/// <param name="Projection">The projection's name.</param>
[GenerateSerializer, Immutable, Alias("granary.ModelRequest")]
public sealed record ModelRequest([property: Id(0)] string Projection)
{
    /// <summary>What must be true of every model; none for all.</summary>
    [Id(1)] public IReadOnlyList<ModelRequestCondition> Conditions { get; init; } = [];

    /// <summary>The column that orders the models, those of one value by key; null for the key alone.</summary>
    [Id(2)] public string? OrderBy { get; init; }

    /// <summary>Whether the order is reversed.</summary>
    [Id(3)] public bool Descending { get; init; }

    /// <summary>Where the page before ended (<see cref="ReadModelPage.Next"/>); null for the first page.</summary>
    [Id(4)] public string? After { get; init; }

    /// <summary>How many at most, 1 to <see cref="GranaryLimits.PageSizeMax"/>.</summary>
    [Id(5)] public int Limit { get; init; } = 100;

    /// <summary>What the models must have seen; null for nothing.</summary>
    [Id(6)] public ModelWait? Wait { get; init; }
}
