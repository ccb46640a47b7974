using System.Collections.Frozen;

namespace Granary.Runtime;

/// <summary>A <see cref="Projection{TModel}"/>, checked and ready to fold.</summary>
internal sealed class RegisteredProjection<TModel> : IProjection
    where TModel : class
{
    private readonly EventDecoder _decoder;
    private readonly ProjectionMethods<TModel> _methods;
    private readonly ProjectionDeclaration _declared;
    private readonly FrozenDictionary<string, Type> _types;

    /// <summary>Checks a projection.</summary>
    /// <exception cref="InvalidOperationException">What it declares contradicts itself.</exception>
    public RegisteredProjection(Projection<TModel> projection, EventDecoder decoder)
    {
        var type = projection.GetType();
        var attribute = ProjectionNames.Of(type);
        (Name, Version) = (attribute.Name, attribute.Version);
        (_decoder, _declared, _methods) = (decoder, projection.Declaration, new ProjectionMethods<TModel>(projection));
        if (_declared.Categories.Count == 0)
            throw new InvalidOperationException(
                $"The projection '{Name}' reads no category. Call Categories(...) in its constructor.");
        if (_declared.Categories.Count > 1
            && _methods.EventTypes.FirstOrDefault(one => FindKeys(one) is null) is { } without)
            throw new InvalidOperationException(
                $"The projection '{Name}' reads several categories and has no key for {without.Name}. Streams of two "
                + "categories may have one key: declare it with Key or Keys in its constructor.");
        Columns = [.. _declared.Columns.Select(static one => one.Column)];
        _ = new ModelTable(Name, Columns);
        if (decoder.Json.SerializerOf(typeof(TModel)).Unsupported is { } reason)
            throw new InvalidOperationException($"The model of the projection '{Name}' cannot be kept: {reason}");
        _types = decoder.TypesOf(_methods.EventTypes);
        CheckTypes();
        StreamFault = FindStreamFault();
        Filter = new LogFilter { Categories = _declared.Categories.ToHashSet() };
    }

    /// <inheritdoc />
    public string Name { get; }

    /// <inheritdoc />
    public int Version { get; }

    /// <inheritdoc />
    public Type ModelType => typeof(TModel);

    /// <inheritdoc />
    public LogFilter Filter { get; }

    /// <inheritdoc />
    public IReadOnlyList<ModelColumn> Columns { get; }

    /// <summary>Whether models have the keys of streams.</summary>
    private bool HasStreamKeys =>
        _declared.Categories.Count == 1 && _methods.EventTypes.Any(one => FindKeys(one) is null);

    /// <inheritdoc />
    public ILogHandler CreateHandler(ModelTable table, LogPartition partition, IModelStore models) =>
        new ProjectionHandler<TModel>(this, table, models);

    /// <inheritdoc />
    public string? StreamFault { get; }

    /// <inheritdoc />
    public bool TryGetStream(string key, out StreamName stream)
    {
        stream = default;
        return StreamFault is null && StreamName.TryCreate(_declared.Categories[0], key, out stream, out _);
    }

    /// <inheritdoc />
    public async ValueTask<FoldedModel?> FoldAsync(
        IAsyncEnumerable<RecordedEvent> events, CancellationToken cancellationToken)
    {
        var (model, last) = (default(TModel), default(RecordedEvent));
        await foreach (var recorded in events.WithCancellation(cancellationToken))
        {
            try
            {
                foreach (var (happened, _) in Decode(recorded))
                    (model, last) = (Fold(model, happened, recorded), recorded);
            }
            catch (Exception fault) when (fault is not ReplayFailedException)
            {
                throw Failed(recorded, fault);
            }
        }

        if (model is null) return null;
        try
        {
            return new FoldedModel(Write(model).Document, last!.Position);
        }
        catch (InvalidOperationException fault)
        {
            throw Failed(last!, fault);
        }
    }

    /// <summary>The events that a stored one stands for, each with the keys of the models that it concerns.</summary>
    public IEnumerable<(object? Happened, IEnumerable<string> Keys)> Decode(RecordedEvent recorded)
    {
        // The models of a cleared stream go with it: there are no events that they could be folded from.
        if (recorded.Type == EventTypes.StreamCleared && HasStreamKeys) return [(null, [recorded.Stream.Key])];
        return _decoder.Decode(recorded, _types)
            .Where(one => _methods.Handles(one.GetType()))
            .Select(one => ((object?)one, KeysOf(one, recorded)));
    }

    /// <summary>Folds an event into a model; null for none, also as the event: the stream was cleared.</summary>
    public TModel? Fold(TModel? model, object? happened, RecordedEvent recorded) =>
        happened is null ? null : _methods.Fold(model, happened, recorded);

    /// <summary>The document of a model, and the model as it is read back from it.</summary>
    /// <exception cref="InvalidOperationException">It would be read back as another one.</exception>
    /// <exception cref="LimitExceededException">It is too large.</exception>
    public (ReadOnlyMemory<byte> Document, TModel Model) Write(TModel model)
    {
        var serializer = _decoder.Json.SerializerOf(typeof(TModel));
        PayloadWriting.Failure? failure;
        WrittenEvent written;
        try
        {
            failure = PayloadWriting.TryWrite(serializer, model, new PayloadBuffer(), out written);
        }
        catch (LimitExceededException fault)
        {
            throw new LimitExceededException(
                $"model {typeof(TModel).Name}", fault.Actual, fault.Allowed, "Keep less in one model.");
        }

        return failure is null
            ? (written.Payload, (TModel)written.Event)
            : throw new InvalidOperationException(
                $"JSON does not keep the model {typeof(TModel).Name}: {failure.Reason}", failure.Fault);
    }

    /// <summary>The model of a document.</summary>
    public TModel Read(ReadOnlyMemory<byte> document) =>
        (TModel)(_decoder.Json.SerializerOf(typeof(TModel)).Read(document)
            ?? throw new StoreCorruptException($"A document of the projection '{Name}' is null."));

    /// <summary>The values of a model's columns.</summary>
    public IReadOnlyList<object?> ReadColumns(TModel model) =>
        [.. _declared.Columns.Select(one => one.Read(model))];

    private ReplayFailedException Failed(RecordedEvent recorded, Exception fault) =>
        new(recorded, $"The projection '{Name}' cannot fold it: {fault.Message}", fault);

    private string? FindStreamFault()
    {
        if (_declared.Categories.Count > 1)
            return $"it reads several categories, {string.Join(", ", _declared.Categories)}";
        var keyed = _methods.EventTypes.Concat(_types.Values.Where(_methods.Handles))
            .FirstOrDefault(one => FindKeys(one) is not null);
        return keyed is null ? null : $"it declares the keys of {keyed.Name}";
    }

    // What contradicts itself would otherwise be found by the first event, and would park its stream.
    private void CheckTypes()
    {
        foreach (var one in _types.Values)
        {
            if (_methods.Handles(one)) FindKeys(one);
        }
    }

    private IEnumerable<string> KeysOf(object happened, RecordedEvent recorded) =>
        FindKeys(happened.GetType()) is { } declared ? declared(happened, recorded) ?? [] : [recorded.Stream.Key];

    private Func<object, RecordedEvent, IEnumerable<string>>? FindKeys(Type eventType)
    {
        var nearest = NearestTypes.Of(_declared.Keys.Keys, eventType);
        return nearest.Length <= 1
            ? nearest.Select(one => _declared.Keys[one]).FirstOrDefault()
            : throw new InvalidOperationException(
                $"Several keys fit {eventType.Name} equally. Declare one for the type itself.");
    }
}
