namespace Granary;

/// <summary>
/// A stream's key cannot be that of a grain of its category, or a grain's key cannot be that of a stream: an integer
/// key is written in decimal, a GUID with hyphens and in lower case, and no other spelling is accepted.
/// </summary>
[GenerateSerializer, Alias("granary.InvalidStreamKeyException")]
public sealed class InvalidStreamKeyException : GranaryException
{
    /// <summary>Creates the error.</summary>
    /// <param name="category">The category, which is a grain type.</param>
    /// <param name="key">The key, as a stream or a grain has it.</param>
    /// <param name="kind">What keys the grain type has.</param>
    public InvalidStreamKeyException(string category, string key, GrainKeyKind kind)
        : base($"{category}/{key} is not a stream: {Rule(kind)}")
    {
        Category = category;
        Key = key;
    }

    /// <summary>The category.</summary>
    [Id(0)] public string Category { get; }

    /// <summary>The key.</summary>
    [Id(1)] public string Key { get; }

    private static string Rule(GrainKeyKind kind) => kind switch
    {
        GrainKeyKind.Integer => "its grains have integer keys, written in decimal, as in 42 or 42+text.",
        GrainKeyKind.Guid => "its grains have GUIDs as keys, written with hyphens and in lower case, as in "
            + "3f2504e0-4f89-11d3-9a0c-0305e82c3301.",
        _ => "the key is not well-formed UTF-8.",
    };
}
