using System.Collections.Frozen;

namespace Granary.Runtime;

/// <summary>An <see cref="ISqlProjection"/>, checked and ready to apply events.</summary>
internal sealed class RegisteredSqlProjection
{
    private readonly EventDecoder _decoder;
    private readonly FrozenDictionary<string, Type> _types;
    private readonly bool _takesClearings;

    /// <summary>Checks a projection.</summary>
    /// <exception cref="InvalidOperationException">What it declares is not enough, or contradicts itself.</exception>
    public RegisteredSqlProjection(ISqlProjection projection, EventDecoder decoder)
    {
        var attribute = ProjectionNames.Of(projection.GetType());
        (Projection, Name, Version, _decoder) = (projection, attribute.Name, attribute.Version, decoder);
        _ = new ModelTable(Name);
        var declared = new ProjectionDeclaration();
        declared.AddCategories(projection.Categories);
        if (declared.Categories.Count == 0)
            throw new InvalidOperationException(
                $"The SQL projection '{Name}' reads no category. Return one at least from Categories.");
        Filter = new LogFilter { Categories = declared.Categories.ToHashSet() };

        var events = projection.Events.Distinct().ToList();
        _takesClearings = events.Remove(typeof(StreamCleared));
        _types = decoder.TypesOf(events);
        if (_types.Count == 0)
            throw new InvalidOperationException(
                $"The SQL projection '{Name}' takes no event. Return the types of some from Events.");
    }

    /// <summary>The user's code.</summary>
    public ISqlProjection Projection { get; }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>The version of its code.</summary>
    public int Version { get; }

    /// <summary>The events that it is fed.</summary>
    public LogFilter Filter { get; }

    /// <summary>The events that it takes, of those that are recorded.</summary>
    /// <exception cref="EventFailedException">One cannot be decoded.</exception>
    public IReadOnlyList<SqlProjectionEvent> Decode(IReadOnlyList<RecordedEvent> recorded)
    {
        var events = new List<SqlProjectionEvent>(recorded.Count);
        foreach (var one in recorded)
        {
            if (_takesClearings && one.Type == EventTypes.StreamCleared)
                events.Add(new SqlProjectionEvent(new StreamCleared(), one));
            try
            {
                foreach (var happened in _decoder.Decode(one, _types)) events.Add(new(happened, one));
            }
            catch (Exception fault)
            {
                throw new EventFailedException(one, fault);
            }
        }

        return events;
    }
}
