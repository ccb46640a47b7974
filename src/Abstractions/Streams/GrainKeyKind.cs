namespace Granary;

/// <summary>What the keys of a grain type are, which decides how they are written in the names of streams.</summary>
public enum GrainKeyKind
{
    /// <summary>Text: the key of a stream is the grain's key as it is.</summary>
    Text,

    /// <summary>
    /// Integers, with or without a text beside them: written in decimal, as in <c>42</c> and <c>42+text</c>.
    /// </summary>
    Integer,

    /// <summary>
    /// GUIDs, with or without a text beside them: written with hyphens and in lower case, as in
    /// <c>3f2504e0-4f89-11d3-9a0c-0305e82c3301+text</c>.
    /// </summary>
    Guid,
}
