namespace Granary;

/// <summary>What a column of a table of models holds, and how it is ordered. Null is before every value.</summary>
[GenerateSerializer]
public enum ModelColumnKind
{
    /// <summary>Text (<see cref="string"/>), ordered by the bytes of its UTF-8.</summary>
    Text,

    /// <summary>A whole number (<see cref="long"/>).</summary>
    Integer,

    /// <summary>A number (<see cref="double"/>), never NaN.</summary>
    Number,

    /// <summary>
    /// A decimal number (<see cref="decimal"/>). A store may hold it with 15 digits in the column; the document has the
    /// whole.
    /// </summary>
    Decimal,

    /// <summary>True or false (<see cref="bool"/>); false is first.</summary>
    Boolean,

    /// <summary>An instant (<see cref="DateTimeOffset"/>), in whole microseconds of UTC.</summary>
    Time,
}
