using System.Runtime.ExceptionServices;

namespace Granary.Testing;

/// <summary>
/// Given events, then a projection has these models: a test of a <see cref="Projection{TModel}"/> without a cluster.
/// The events are encoded as a silo stores them, and folded as a silo folds them.
/// </summary>
/// <remarks>
/// They are folded twice: each by itself, as they come in, and all at once into nothing, as when the models are built
/// anew. Where the models differ, the projection depends on more than events and models, and the scenario fails.
/// </remarks>
public sealed class ProjectionScenario
{
    private readonly Action<IGranaryBuilder> _add;
    private readonly Type _type;
    private readonly List<GivenEvent> _given = [];
    private Action<IGranaryBuilder>? _configure;
    private DateTimeOffset _time;
    private FoldedModels? _folded;

    private ProjectionScenario(Type type, Action<IGranaryBuilder> add) => (_type, _add) = (type, add);

    /// <summary>Begins a scenario.</summary>
    /// <typeparam name="TProjection">The projection.</typeparam>
    public static ProjectionScenario For<TProjection>()
        where TProjection : class =>
        new(typeof(TProjection), static builder => builder.AddProjection<TProjection>());

    /// <summary>
    /// Configures what the silo does: names of events, JSON, upcasters, and the services that the projection is made
    /// with.
    /// </summary>
    public ProjectionScenario Configure(Action<IGranaryBuilder> configure)
    {
        _configure += configure;
        return Changed();
    }

    /// <summary>When the events that are given from now on were recorded.</summary>
    public ProjectionScenario At(DateTimeOffset time)
    {
        _time = time;
        return this;
    }

    /// <summary>What happened in a stream, after what was given before.</summary>
    /// <param name="stream">The stream as text: <c>category/key</c>.</param>
    /// <param name="events">The events, in the shape of today.</param>
    /// <exception cref="FormatException">The text names no stream.</exception>
    public ProjectionScenario Given(string stream, params IEnumerable<object> events)
    {
        var name = StreamName.Parse(stream);
        foreach (var one in events) _given.Add(new GivenEvent(name, _time, one));
        return Changed();
    }

    /// <summary>An event as it was stored, as one of an older shape that an upcaster takes.</summary>
    /// <param name="stream">The stream as text: <c>category/key</c>.</param>
    /// <param name="type">The name of its type in the log.</param>
    /// <param name="json">Its payload.</param>
    /// <param name="schemaVersion">The version of its shape.</param>
    /// <exception cref="FormatException">The text names no stream.</exception>
    public ProjectionScenario GivenStored(string stream, string type, string json, int schemaVersion = 1)
    {
        var stored = new StoredEvent(type, json, schemaVersion);
        _given.Add(new GivenEvent(StreamName.Parse(stream), _time, stored));
        return Changed();
    }

    /// <summary>The stream was cleared, or deleted.</summary>
    /// <param name="stream">The stream as text: <c>category/key</c>.</param>
    /// <exception cref="FormatException">The text names no stream.</exception>
    public ProjectionScenario GivenCleared(string stream) =>
        GivenStored(stream, EventTypes.StreamCleared, "");

    /// <summary>Checks the model of a key.</summary>
    /// <exception cref="ScenarioFailedException">It is another one, or there is none.</exception>
    public ProjectionScenario Then(string key, object model)
    {
        var found = Fold().Find(key);
        if (found is not null && ScenarioValues.Same(found, model)) return this;
        throw new ScenarioFailedException(
            $"Expected under '{key}': {ScenarioValues.Show(model)}{Environment.NewLine}But was: "
            + (found is null ? "none" : ScenarioValues.Show(found)));
    }

    /// <summary>Checks that a key has no model.</summary>
    /// <exception cref="ScenarioFailedException">It has one.</exception>
    public ProjectionScenario ThenNone(string key) => Fold().Find(key) is not { } found
        ? this
        : throw new ScenarioFailedException(
            $"Expected no model under '{key}', but there was: {ScenarioValues.Show(found)}");

    /// <summary>Checks that these keys have models, and no others.</summary>
    /// <exception cref="ScenarioFailedException">Others have.</exception>
    public ProjectionScenario ThenKeys(params IReadOnlyCollection<string> keys)
    {
        var found = Fold().Keys;
        if (found.ToHashSet().SetEquals(keys)) return this;
        throw new ScenarioFailedException(
            $"Expected models under: {Show(keys)}{Environment.NewLine}But they were under: {Show(found)}");
    }

    /// <summary>
    /// Checks that the last event cannot be handled, for which a silo parks its stream; those before it can.
    /// </summary>
    /// <returns>The error.</returns>
    /// <exception cref="ScenarioFailedException">It can, or the error is another one.</exception>
    public TException ThenThrows<TException>()
        where TException : Exception
    {
        _folded ??= FoldedModels.Of(_type, Configured, _given);
        if (_folded.Failure is TException expected && _folded.FailedAt == _given.Count) return expected;
        throw new ScenarioFailedException(_folded.Failure is null
            ? $"Expected {typeof(TException)}, but every event was handled."
            : $"Expected {typeof(TException)} of event {_given.Count}, but event {_folded.FailedAt} threw "
                + $"{_folded.Failure}");
    }

    private static string Show(IEnumerable<string> keys) => string.Join(", ", keys.Order()) is { Length: > 0 } some
        ? some
        : "none";

    private FoldedModels Fold()
    {
        _folded ??= FoldedModels.Of(_type, Configured, _given);
        if (_folded.Failure is not null) ExceptionDispatchInfo.Throw(_folded.Failure);
        return _folded;
    }

    private void Configured(IGranaryBuilder builder)
    {
        _configure?.Invoke(builder);
        _add(builder);
    }

    private ProjectionScenario Changed()
    {
        _folded = null;
        return this;
    }
}
