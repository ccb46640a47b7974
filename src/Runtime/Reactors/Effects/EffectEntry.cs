namespace Granary.Runtime;

/// <summary>An effect in the ledger, and its row.</summary>
internal sealed record EffectEntry(ModelRow Row, EffectRecord Effect);
