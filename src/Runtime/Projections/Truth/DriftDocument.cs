using System.Text.Json.Serialization;

namespace Granary.Runtime;

/// <summary>How the results of checks are written.</summary>
[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(DriftDocument))]
internal sealed partial class DriftJson : JsonSerializerContext;

/// <summary>What all silos have found of a build.</summary>
/// <param name="BuildStartedAt">When the build was begun: a later one may have its name.</param>
/// <param name="CheckedAt">When a silo has looked last.</param>
/// <param name="Checked">How many models were compared.</param>
/// <param name="Skipped">How many could not be compared.</param>
/// <param name="Keys">
/// The keys of the models that differ, at most <see cref="KeysMax"/>: first those that are checked again next.
/// </param>
internal sealed record DriftDocument(
    DateTimeOffset BuildStartedAt, DateTimeOffset CheckedAt, long Checked, long Skipped, IReadOnlyList<string> Keys)
{
    /// <summary>How many keys are kept.</summary>
    public const int KeysMax = 100;

    /// <summary>With what one round has found.</summary>
    public DriftDocument With(TruthRound round, DateTimeOffset now)
    {
        var known = Keys.ToHashSet();
        var looked = round.Outcomes;
        var again = looked.Where(one => one.Value == RefoldOutcome.Differs
            || (one.Value == RefoldOutcome.Skipped && known.Contains(one.Key))).Select(static one => one.Key);
        return this with
        {
            CheckedAt = now,
            Checked = Checked + round.Checked,
            Skipped = Skipped + round.Skipped,
            Keys = [.. Keys.Where(one => !looked.ContainsKey(one)).Concat(again).Take(KeysMax)],
        };
    }
}

/// <summary>What one round has found of a build.</summary>
internal sealed class TruthRound
{
    private readonly Dictionary<string, RefoldOutcome> _outcomes = new(StringComparer.Ordinal);

    /// <summary>What came of each key.</summary>
    public IReadOnlyDictionary<string, RefoldOutcome> Outcomes => _outcomes;

    /// <summary>How many models were compared.</summary>
    public int Checked => _outcomes.Count(static one => one.Value != RefoldOutcome.Skipped);

    /// <summary>How many could not be.</summary>
    public int Skipped => _outcomes.Count - Checked;

    public void Add(string key, RefoldOutcome outcome) => _outcomes[key] = outcome;
}
