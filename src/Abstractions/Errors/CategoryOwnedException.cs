namespace Granary;

/// <summary>
/// Events were sent to a stream whose category is the grain type of an aggregate. Call the aggregate instead.
/// </summary>
[GenerateSerializer, Alias("granary.CategoryOwnedException")]
public sealed class CategoryOwnedException : GranaryException
{
    /// <summary>Creates the error.</summary>
    public CategoryOwnedException(string category)
        : base($"Category {category} belongs to an aggregate: only its own grains write its streams. "
            + "Call the aggregate, or choose another category.") =>
        Category = category;

    /// <summary>The category.</summary>
    [Id(0)] public string Category { get; }
}
