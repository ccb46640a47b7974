namespace Granary;

/// <summary>
/// Has effects outside the log once an event is recorded, as sending a mail: at least once for each event, and not
/// again
/// once the effect is in the ledger of effects.
/// </summary>
/// <remarks>
/// <para>A reactor has a <see cref="ReactorAttribute"/>, is registered with <c>AddReactor</c>, and handles events in
/// public methods <c>Task React(TEvent, EffectContext, CancellationToken)</c>. Of several that fit an event the one
/// with the nearest type is called; an event that none fits is passed over.</para>
/// <para>There is one instance in each silo. Events of one stream are handed to it one after the other, those of
/// different streams at the same time.</para>
/// <para>A method that throws is called again, less and less often; once its tries are used up, the event's stream is
/// parked and the other streams go on.</para>
/// <para>A reactor has its own checkpoint: the rebuild of a projection does not call it.</para>
/// </remarks>
public abstract class Reactor
{
    /// <summary>The categories whose events it handles; null for all.</summary>
    internal HashSet<string>? CategoryNames { get; private set; }

    /// <summary>
    /// Declares, in the constructor, whose events it handles: those of the streams of some categories.
    /// </summary>
    /// <param name="names">The categories. Called again, it adds to them.</param>
    /// <exception cref="ArgumentException">No stream has such a category.</exception>
    protected void Categories(params IReadOnlyList<string> names)
    {
        foreach (var one in names)
        {
            if (!StreamName.TryCreate(one, "any", out _, out _))
                throw new ArgumentException($"The reactor {GetType()} names the category '{one}': no stream has it.");
        }

        CategoryNames ??= new HashSet<string>(StringComparer.Ordinal);
        CategoryNames.UnionWith(names);
    }
}
