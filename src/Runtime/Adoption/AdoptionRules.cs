namespace Granary.Runtime;

/// <summary>The rules that the application has registered.</summary>
internal sealed class AdoptionRules
{
    /// <summary>All of them, in the order of their registration.</summary>
    public List<AdoptionRule> All { get; } = [];
}
