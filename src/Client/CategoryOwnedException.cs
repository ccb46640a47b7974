namespace Granary.Client;

/// <summary>
/// Events were sent to a stream whose category is that of an aggregate. Call the aggregate instead: it decides.
/// </summary>
[GenerateSerializer, Alias("granary.CategoryOwnedException")]
public sealed class CategoryOwnedException : GranaryException
{
    /// <summary>Makes the error.</summary>
    public CategoryOwnedException(string category)
        : base($"Category {category} belongs to an aggregate, which decides itself what happens. "
            + "Call the aggregate, or choose "
            + "another category.") => Category = category;

    /// <summary>The category.</summary>
    [Id(0)] public string Category { get; }
}
