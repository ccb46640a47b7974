namespace Granary;

/// <summary>
/// A member of a model's document that has a column of its own, by which models are found and ordered.
/// </summary>
public sealed record ModelColumn
{
    private static readonly string[] Reserved = ["key", "document", "partition", "position", "revision"];

    /// <summary>Describes a column.</summary>
    /// <param name="name">Its name, as that of a <see cref="ModelTable"/>; not one that every table has.</param>
    /// <param name="kind">What it holds.</param>
    /// <exception cref="ArgumentException">The name is not allowed.</exception>
    public ModelColumn(string name, ModelColumnKind kind)
    {
        ModelTable.CheckName(name, "column");
        if (Reserved.Contains(name))
            throw new ArgumentException($"Every table of models has a column '{name}'. Choose another name.");
        (Name, Kind) = (name, kind);
    }

    /// <summary>The column's name.</summary>
    public string Name { get; }

    /// <summary>What it holds. Every column may hold null.</summary>
    public ModelColumnKind Kind { get; }

    /// <summary>
    /// The value as the column holds it: a text is cut after <see cref="GranaryLimits.ModelColumnLengthMax"/>
    /// characters, and U+0000 and lone surrogates in it become U+FFFD. The document has the whole.
    /// </summary>
    /// <exception cref="ArgumentException">The value is of another kind.</exception>
    public object? Normalize(object? value) => (Kind, value) switch
    {
        (_, null) => null,
        (ModelColumnKind.Text, string text) => Cut(text),
        (ModelColumnKind.Integer, long) or (ModelColumnKind.Boolean, bool) => value,
        (ModelColumnKind.Decimal, decimal) => value,
        (ModelColumnKind.Number, double number) when !double.IsNaN(number) => value,
        (ModelColumnKind.Time, DateTimeOffset time) => Microseconds(time),
        _ => throw new ArgumentException(
            $"The column '{Name}' holds values of the kind {Kind}; a {value.GetType().Name} '{value}' is none."),
    };

    private static DateTimeOffset Microseconds(DateTimeOffset time) =>
        new(time.UtcTicks / TimeSpan.TicksPerMicrosecond * TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);

    private static string Cut(string text)
    {
        var length = Math.Min(text.Length, GranaryLimits.ModelColumnLengthMax);
        if (length < text.Length && char.IsHighSurrogate(text[length - 1])) length--;
        var plain = !text.AsSpan(0, length).Contains('\0') && UnicodeText.IsWellFormed(text[..length]);
        if (plain) return text[..length];
        var runes = text[..length].EnumerateRunes();
        return string.Concat(runes.Select(static one => one.Value == 0 ? "\uFFFD" : one.ToString()));
    }
}
