using System.Text.Json.Nodes;
using Granary.Contracts;

namespace Granary.Grains;

/// <summary>
/// Folds the events of one category into a state, instead of by JSON merge patch. Registered with
/// <c>AddStreamReducer</c>. It must give the same every time. Raise its
/// <see cref="Granary.Runtime.FoldVersionAttribute"/> when it is changed, so that older snapshots are not used.
/// </summary>
public interface IStreamReducer
{
    /// <summary>The category whose streams it folds.</summary>
    string Category { get; }

    /// <summary>The state after an event. It is walked through once for each event, so it should be small.</summary>
    /// <param name="state">The state before it; null at the start. It may be changed in place.</param>
    /// <param name="event">The event.</param>
    JsonNode? Reduce(JsonNode? state, StreamEvent @event);
}
