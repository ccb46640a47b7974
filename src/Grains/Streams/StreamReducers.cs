using System.Collections.Frozen;
using System.Reflection;
using Granary.Contracts;
using Granary.Runtime;

namespace Granary.Grains;

/// <summary>Finds how the streams of a category are folded.</summary>
internal sealed class StreamReducers(IEnumerable<IStreamReducer> reducers)
{
    private readonly FrozenDictionary<string, IStreamReducer> _byCategory =
        reducers.ToFrozenDictionary(static reducer => reducer.Category, StringComparer.Ordinal);

    /// <summary>Names the code that folds a category's streams, and its version.</summary>
    public string IdentityOf(string category)
    {
        if (!_byCategory.TryGetValue(category, out var reducer)) return "merge-patch";
        return $"{reducer.GetType()}#{string.Join('#', VersionsOf(reducer.GetType()))}";
    }

    /// <summary>Folds an event into a state.</summary>
    public void Fold(string category, EventStreamState state, StreamEvent @event)
    {
        if (_byCategory.TryGetValue(category, out var reducer))
        {
            state.Become(reducer.Reduce(state.Node, OwnCopyOf(@event)));
        }
        else if (@event.Data is { } data)
        {
            state.Merge(data);
        }
    }

    // A reducer may change the bytes, and the same event is folded into other states. It need not read them, so that
    // only this finds that they are no JSON.
    private static StreamEvent OwnCopyOf(StreamEvent @event)
    {
        if (@event.Data is not { } data) return @event;
        JsonText.Check(data);
        return @event with { Data = data.AsSpan().ToArray() };
    }

    // A base class may do the folding.
    private static IEnumerable<int> VersionsOf(Type reducer)
    {
        for (var at = reducer; at is not null && at != typeof(object); at = at.BaseType)
            yield return at.GetCustomAttribute<FoldVersionAttribute>(inherit: false)?.Version ?? 0;
    }
}
