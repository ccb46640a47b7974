namespace Granary;

/// <summary>How a column is compared with a value.</summary>
[GenerateSerializer]
public enum ModelComparison
{
    /// <summary>It is the same.</summary>
    Equal,

    /// <summary>It is less.</summary>
    Less,

    /// <summary>It is less or the same.</summary>
    LessOrEqual,

    /// <summary>It is greater.</summary>
    Greater,

    /// <summary>It is greater or the same.</summary>
    GreaterOrEqual,
}
