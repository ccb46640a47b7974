namespace Granary.Runtime;

/// <summary>The table of the ledger of effects.</summary>
internal static class EffectTables
{
    /// <summary>The effects of all readers; the key is the effect's id.</summary>
    public static ModelTable Effects { get; } = new(
        "granary_effects",
        new ModelColumn("reader", ModelColumnKind.Text),
        new ModelColumn("done", ModelColumnKind.Boolean),
        new ModelColumn("at", ModelColumnKind.Time));

    public static ModelColumn At => Effects.Columns[2];
}
