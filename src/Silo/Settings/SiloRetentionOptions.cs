using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace Granary.Silo;

/// <summary>
/// What is kept of streams of JSON events, by category. Without KeepEvents and KeepDays everything is kept.
/// </summary>
internal sealed class SiloRetentionOptions : IValidatableObject
{
    private const string Form = "It must be like orders=1000;sensor=50";

    /// <summary>
    /// How many of a stream's last events are kept, for each category, as in orders=1000;sensor=50. The others are
    /// removed in steps of a tenth of it.
    /// </summary>
    public string KeepEvents { get; set; } = "";

    /// <summary>
    /// For how many days an event is kept, for each category, as in orders=365;sensor=0.5. An event that KeepEvents
    /// keeps stays too.
    /// </summary>
    public string KeepDays { get; set; } = "";

    /// <summary>
    /// The folder in which events are archived before they are removed, as lines of JSON; without it they are not.
    /// </summary>
    public string ArchivePath { get; set; } = "";

    /// <summary>How often it is looked for what is to be removed, in minutes.</summary>
    [Range(0.1, 43_200)]
    public double IntervalMinutes { get; set; } = 60;

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var (name, text) in new[] { (nameof(KeepEvents), KeepEvents), (nameof(KeepDays), KeepDays) })
        {
            if (TryRead(text, name == nameof(KeepEvents)) is null)
                yield return new ValidationResult(
                    $"{Form}: categories, each once, and numbers above 0, whole ones for KeepEvents.", [name]);
        }

        if (ArchivePath.Length > 0 && KeepEvents.Length == 0 && KeepDays.Length == 0)
            yield return new ValidationResult(
                "It is set, but nothing is removed: set KeepEvents or KeepDays, or remove it.", [nameof(ArchivePath)]);
    }

    /// <summary>Adds the rules to a silo. Only of checked options.</summary>
    public void AddTo(IGranaryBuilder builder)
    {
        foreach (var (category, number) in TryRead(KeepEvents, isWhole: true)!)
            builder.AddRetention(category, rule =>
                (rule.KeepEvents, rule.ArchivePath, rule.OfJsonStreams) = ((int)number, ArchivePath, true));
        foreach (var (category, number) in TryRead(KeepDays, isWhole: false)!)
            builder.AddRetention(category, rule =>
                (rule.KeepDays, rule.ArchivePath, rule.OfJsonStreams) = (number, ArchivePath, true));
        builder.ApplyRetentionEvery(IntervalMinutes);
    }

    // Null where it cannot be read.
    private static Dictionary<string, double>? TryRead(string text, bool isWhole)
    {
        var numbers = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var part in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var (category, number) = part.Split('=', 2, StringSplitOptions.TrimEntries) is [var left, var right]
                ? (left, right)
                : (part, "");
            var style = isWhole ? NumberStyles.None : NumberStyles.AllowDecimalPoint;
            if (!StreamName.TryCreate(category, "any", out _, out _)
                || !double.TryParse(number, style, CultureInfo.InvariantCulture, out var value)
                || value < (isWhole ? 1 : 0.0001) || value > (isWhole ? int.MaxValue : 100_000)
                || !numbers.TryAdd(category, value))
                return null;
        }

        return numbers;
    }
}
