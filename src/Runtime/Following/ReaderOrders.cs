namespace Granary.Runtime;

/// <summary>Which readers there are, and what is asked of them, as it was read at one time.</summary>
/// <param name="ReadAt">The clock's time stamp when the read began.</param>
/// <param name="Settings">
/// What is asked of the readers of which anything was asked, by their names. A row that cannot be read is one reader's
/// fault alone.
/// </param>
internal sealed record ReaderOrders(long ReadAt, IReadOnlyDictionary<string, ModelRow> Settings)
{
    /// <summary>The readers of this silo, as its sources have them; null where they cannot be read.</summary>
    public IReadOnlyList<WorkerDefinition>? Readers { get; init; } = [];

    /// <summary>Whether there still is a reader.</summary>
    public Func<WorkerDefinition, bool> Exists { get; init; } = static _ => true;

    /// <summary>What is asked of a reader.</summary>
    public ReaderSetting SettingOf(string reader) => ReaderSettings.Parse(Settings.GetValueOrDefault(reader));
}
