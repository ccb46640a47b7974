namespace Granary;

/// <summary>One change of one row of a table of models.</summary>
public sealed record ModelWrite
{
    private ModelWrite(ModelTable table, string key, long expected)
    {
        CheckKey(key);
        (Table, Key, ExpectedRevision) = (table, key, expected);
    }

    /// <summary>The table.</summary>
    public ModelTable Table { get; }

    /// <summary>The row's key.</summary>
    public string Key { get; }

    /// <summary>The revision that the row must have; 0 where there must be no row.</summary>
    public long ExpectedRevision { get; }

    /// <summary>The new document as UTF-8 JSON; null to delete the row.</summary>
    public ReadOnlyMemory<byte>? Document { get; private init; }

    /// <summary>The values of the table's columns, in their order, normalized; empty for a deletion.</summary>
    public IReadOnlyList<object?> Values { get; private init; } = [];

    /// <summary>The position of the event that changes it last.</summary>
    public LogPosition Position { get; private init; }

    /// <summary>Writes a row.</summary>
    /// <param name="table">The table.</param>
    /// <param name="key">The row's key.</param>
    /// <param name="expected">The row as it was read; null where there was none.</param>
    /// <param name="document">
    /// The document: UTF-8 JSON of at most <see cref="GranaryLimits.StateSizeMax"/> bytes.
    /// </param>
    /// <param name="values">The values of the table's columns, in their order.</param>
    /// <param name="position">The position of the event that changes it last.</param>
    /// <exception cref="ArgumentException">
    /// The key or a value is not allowed, or the document is no JSON in UTF-8.
    /// </exception>
    /// <exception cref="LimitExceededException">The key is too long, or the document too large.</exception>
    public static ModelWrite Put(
        ModelTable table, string key, ModelRow? expected, ReadOnlyMemory<byte> document, IReadOnlyList<object?> values,
        LogPosition position = default)
    {
        LimitExceededException.ThrowIfOver(
            GranaryLimits.StateSizeMax, document.Length, "document of a model", "Keep less in one model.");
        JsonText.Check(document.Span, "The document of a model");
        if (values.Count != table.Columns.Count)
            throw new ArgumentException(
                $"The table '{table.Name}' has {table.Columns.Count} columns; {values.Count} values are given.");
        var normalized = new object?[values.Count];
        for (var i = 0; i < normalized.Length; i++) normalized[i] = table.Columns[i].Normalize(values[i]);
        return new ModelWrite(table, key, expected?.Revision ?? 0)
        {
            Document = document, Values = normalized, Position = position,
        };
    }

    /// <summary>Deletes a row.</summary>
    /// <param name="table">The table.</param>
    /// <param name="expected">The row as it was read.</param>
    public static ModelWrite Delete(ModelTable table, ModelRow expected) =>
        new(table, expected.Key, expected.Revision);

    /// <summary>Checks the key of a row.</summary>
    /// <exception cref="ArgumentException">It is empty, or not well-formed Unicode.</exception>
    /// <exception cref="LimitExceededException">It is too long.</exception>
    public static void CheckKey(string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        LimitExceededException.ThrowIfOver(
            GranaryLimits.ModelKeyLengthMax, key.Length, "key of a model", "Choose shorter keys.");
        if (!UnicodeText.IsWellFormed(key))
            throw new ArgumentException("The key of a model must be well-formed Unicode without lone surrogates.");
    }
}
