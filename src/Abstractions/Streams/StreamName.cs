using System.Diagnostics.CodeAnalysis;

namespace Granary;

/// <summary>
/// The identity of a stream: a category, which names the kind of aggregate, and a key, which names the one.
/// Written <c>category/key</c>. For a grain the category is its grain type, and the key follows from its key
/// (<see cref="GrainKeys"/>).
/// </summary>
[GenerateSerializer, Immutable, Alias("granary.StreamName")]
public readonly record struct StreamName
{
    /// <summary>The greatest length of a category or of a key, in UTF-16 characters.</summary>
    public const int PartLengthMax = 512;

    [Id(0)] private readonly string? _category;
    [Id(1)] private readonly string? _key;

    /// <summary>Names a stream.</summary>
    /// <param name="category">1 to 512 characters, none of them a slash.</param>
    /// <param name="key">1 to 512 characters; any character is allowed.</param>
    /// <exception cref="ArgumentException">A part is empty, too long or not well-formed Unicode.</exception>
    public StreamName(string category, string key)
    {
        if (Fault(category, key) is { } fault) throw new ArgumentException(fault);
        _category = category;
        _key = key;
    }

    /// <summary>The kind of aggregate, as in <c>account</c>.</summary>
    public string Category => _category ?? throw Unset();

    /// <summary>Which one of its category.</summary>
    public string Key => _key ?? throw Unset();

    /// <summary>Whether this is the default value, which names no stream.</summary>
    public bool IsUnset => _category is null;

    /// <summary>Reads <c>category/key</c>; everything after the first slash is the key.</summary>
    /// <exception cref="FormatException">The text is not a stream name; the message has the reason.</exception>
    public static StreamName Parse(string text) =>
        TryParse(text, out var name, out var fault) ? name : throw new FormatException(fault);

    /// <summary>Parses <c>category/key</c>, or sets <paramref name="fault"/> to the reason why it cannot.</summary>
    public static bool TryParse(string? text, out StreamName name, [NotNullWhen(false)] out string? fault)
    {
        var slash = text?.IndexOf('/') ?? -1;
        if (slash < 0)
        {
            name = default;
            fault = "A stream name is written category/key.";
            return false;
        }

        return TryCreate(text![..slash], text[(slash + 1)..], out name, out fault);
    }

    /// <summary>Makes a stream's name, or sets <paramref name="fault"/> to the reason why the parts are none.</summary>
    public static bool TryCreate(
        string? category, string? key, out StreamName name, [NotNullWhen(false)] out string? fault)
    {
        fault = Fault(category, key);
        name = fault is null ? new StreamName(category!, key!) : default;
        return fault is null;
    }

    /// <inheritdoc />
    public override string ToString() => _category is null ? "(no stream)" : $"{_category}/{_key}";

    private static string? Fault(string? category, string? key) =>
        category is { Length: > 0 } && category.Contains('/')
            ? "A stream's category must not contain a slash; what follows the first slash is the key."
            : PartFault("category", category) ?? PartFault("key", key);

    private static string? PartFault(string part, string? value)
    {
        if (string.IsNullOrEmpty(value)) return $"A stream's {part} must not be empty.";
        if (value.Length > PartLengthMax)
            return $"A stream's {part} holds at most {PartLengthMax} characters; this one has {value.Length}.";
        return UnicodeText.IsWellFormed(value)
            ? null
            : $"A stream's {part} must be well-formed Unicode without lone surrogates.";
    }

    private static InvalidOperationException Unset() =>
        new("This StreamName is the default value and names no stream.");
}
