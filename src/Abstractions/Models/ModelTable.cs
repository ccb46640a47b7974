using System.Text.RegularExpressions;

namespace Granary;

/// <summary>
/// A table of models: what it is called, and which members of the documents have a column of their own.
/// </summary>
public sealed partial record ModelTable
{
    /// <summary>How many columns a table has at most.</summary>
    public const int ColumnsMax = 16;

    /// <summary>The length of a table's or a column's name at most, in characters.</summary>
    public const int NameLengthMax = 48;

    /// <summary>Describes a table.</summary>
    /// <param name="name">Its name: a lower-case letter, then lower-case letters, digits and underscores.</param>
    /// <param name="columns">Its columns; each has an index.</param>
    /// <exception cref="ArgumentException">A name is not allowed, or there are too many columns.</exception>
    public ModelTable(string name, params IReadOnlyList<ModelColumn> columns)
    {
        CheckName(name, "table");
        if (columns.Count > ColumnsMax)
            throw new ArgumentException($"A table of models has at most {ColumnsMax} columns; '{name}' has "
                + $"{columns.Count}. Declare fewer.");
        if (columns.GroupBy(static one => one.Name).FirstOrDefault(static of => of.Count() > 1) is { } twice)
            throw new ArgumentException($"The table '{name}' has two columns '{twice.Key}'. Declare it once.");
        (Name, Columns) = (name, [.. columns]);
    }

    /// <summary>The table's name.</summary>
    public string Name { get; }

    /// <summary>The columns beside the key, the document, the position and the revision.</summary>
    public IReadOnlyList<ModelColumn> Columns { get; }

    /// <summary>A column by its name; null where there is none.</summary>
    public ModelColumn? FindColumn(string name) => Columns.FirstOrDefault(one => one.Name == name);

    /// <inheritdoc />
    public bool Equals(ModelTable? other) =>
        other is not null && Name == other.Name && Columns.SequenceEqual(other.Columns);

    /// <inheritdoc />
    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);

    /// <summary>Checks the name of a table or column.</summary>
    /// <exception cref="ArgumentException">It is not allowed.</exception>
    internal static void CheckName(string name, string what)
    {
        if (name.Length > NameLengthMax || !NamePattern().IsMatch(name))
            throw new ArgumentException($"'{name}' cannot name a {what} of models. A name has 1 to {NameLengthMax} "
                + "characters: a lower-case letter, then lower-case letters, digits and underscores.");
    }

    [GeneratedRegex("^[a-z][a-z0-9_]*$", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();
}
