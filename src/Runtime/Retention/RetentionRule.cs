using System.ComponentModel.DataAnnotations;

namespace Granary.Runtime;

/// <summary>
/// What is kept of each stream of a category. Where both bounds are set, an event stays as long as one of them keeps
/// it. A stream's last event always stays.
/// </summary>
public sealed class RetentionRule : IValidatableObject
{
    /// <summary>
    /// How many of a stream's last events are kept, at least 1; null for no such bound. Events are removed in steps of
    /// a tenth of it: until then up to so many more are left.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int? KeepEvents { get; set; }

    /// <summary>
    /// For how many days an event is kept; null for no such bound. Events are removed in steps of a tenth of it: until
    /// then they are up to so much older. A silo applies it when it has run for an interval, and not where its clock
    /// was set meanwhile: a clock that is wrong removes nothing.
    /// </summary>
    [Range(0.0001, 100_000)]
    public double? KeepDays { get; set; }

    /// <summary>
    /// The folder in which events are archived before they are removed, as files of one line of JSON an event; empty
    /// for no archive. It is created where it does not exist. The silo that the grain is on writes it: with several
    /// silos, name a folder that they share.
    /// </summary>
    public string ArchivePath { get; set; } = "";

    /// <summary>
    /// Whether the category is of streams of JSON events, and not the grain type of an aggregate. While no silo has
    /// grains of that type the one looks like the other, so a rule is applied to what it is for and to nothing else.
    /// </summary>
    public bool OfJsonStreams { get; set; }

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (KeepEvents is null && KeepDays is null)
            yield return new ValidationResult("A retention rule has KeepEvents, KeepDays or both.");
    }
}
