using System.Linq.Expressions;
using Granary.Runtime;

namespace Granary;

/// <summary>
/// Folds events into models that can be queried: a document for each key, kept in a table with a column for each member
/// that is declared.
/// </summary>
/// <remarks>
/// <para>Mark the class with <see cref="ProjectionAttribute"/>, declare in its constructor what it reads
/// (<see cref="Categories"/>), under which keys (<see cref="Key{TEvent}(Func{TEvent, string?})"/>) and which columns
/// (<see cref="Column"/>), and add it with <c>AddProjection</c>.</para>
/// <para>Its methods are found by their names. <c>TModel Create(TEvent)</c> makes the model of a key that has none.
/// <c>void Apply(TModel, TEvent)</c> changes it, or <c>TModel Apply(TModel, TEvent)</c> returns another; where there is
/// none yet, <c>Apply</c> is given a new one, for which the model needs a constructor without parameters. <c>void
/// Delete(TEvent)</c> deletes it, <c>bool Delete(TModel, TEvent)</c> where it returns true. Each may take the
/// <see cref="RecordedEvent"/> as last parameter. Of several that fit an event, the one with the nearest type is
/// called.</para>
/// <para>The methods depend on the event and the model alone: they are called again when the models are built anew, and
/// on several threads at once. One that throws parks the event's stream.</para>
/// </remarks>
/// <typeparam name="TModel">The model: a class or record that JSON keeps, as it keeps events.</typeparam>
public abstract class Projection<TModel>
    where TModel : class
{
    internal ProjectionDeclaration Declaration { get; } = new();

    /// <summary>The categories of the streams whose events it reads; at least one.</summary>
    protected void Categories(params IEnumerable<string> categories) => Declaration.AddCategories(categories);

    /// <summary>
    /// The key of the model that an event concerns; null for none. Without one, an event concerns the model under the
    /// key of its stream, which is possible where only one category is read: that model is deleted with its stream.
    /// </summary>
    protected void Key<TEvent>(Func<TEvent, string?> key)
        where TEvent : notnull => Key<TEvent>((happened, _) => key(happened));

    /// <inheritdoc cref="Key{TEvent}(Func{TEvent, string?})" />
    protected void Key<TEvent>(Func<TEvent, RecordedEvent, string?> key)
        where TEvent : notnull =>
        Keys<TEvent>((happened, recorded) => key(happened, recorded) is { } one ? [one] : []);

    /// <summary>The keys of the models that an event concerns.</summary>
    protected void Keys<TEvent>(Func<TEvent, IEnumerable<string>> keys)
        where TEvent : notnull => Keys<TEvent>((happened, _) => keys(happened));

    /// <inheritdoc cref="Keys{TEvent}(Func{TEvent, IEnumerable{string}})" />
    protected void Keys<TEvent>(Func<TEvent, RecordedEvent, IEnumerable<string>> keys)
        where TEvent : notnull =>
        Declaration.AddKeys(typeof(TEvent), (happened, recorded) => keys((TEvent)happened, recorded));

    /// <summary>
    /// Gives a member of the model a column of its own, with an index, by which models are found and ordered. It holds
    /// text, numbers, true or false, an instant, an enum or a Guid, both of these as text.
    /// </summary>
    /// <param name="member">The member.</param>
    /// <param name="name">The column's name; null for the member's in lower case with underscores.</param>
    protected void Column<TValue>(Expression<Func<TModel, TValue>> member, string? name = null) =>
        Declaration.AddColumn(ProjectionColumn.Of(member, name));
}
