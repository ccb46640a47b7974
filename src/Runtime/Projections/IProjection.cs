namespace Granary.Runtime;

/// <summary>A projection as it is registered: how events become models, whatever the models' type.</summary>
internal interface IProjection
{
    /// <summary>Its name, as that of a table: the name under which its models are read.</summary>
    string Name { get; }

    /// <summary>The version of its code, at least 1: another one is built from the log anew.</summary>
    int Version { get; }

    /// <summary>The type of its models.</summary>
    Type ModelType { get; }

    /// <summary>The events that it is fed.</summary>
    LogFilter Filter { get; }

    /// <summary>The columns of its tables.</summary>
    IReadOnlyList<ModelColumn> Columns { get; }

    /// <summary>Makes a handler that folds the events of a partition into a table with these columns.</summary>
    ILogHandler CreateHandler(ModelTable table, LogPartition partition, IModelStore models);

    /// <summary>
    /// Why the model of a key is not folded from the events of one stream alone, so that it cannot be folded by itself;
    /// null where it is.
    /// </summary>
    string? StreamFault { get; }

    /// <summary>
    /// The stream whose events alone the model of a key is folded from. False where <see cref="StreamFault"/> says why
    /// there is none, and for a key that no stream has.
    /// </summary>
    bool TryGetStream(string key, out StreamName stream);

    /// <summary>Folds the events of one stream into the model of its key.</summary>
    /// <param name="events">The events that the stream has now, from its first one on.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The model; null where there is none.</returns>
    /// <exception cref="ReplayFailedException">An event cannot be folded.</exception>
    /// <exception cref="LimitExceededException">The model is too large.</exception>
    ValueTask<FoldedModel?> FoldAsync(IAsyncEnumerable<RecordedEvent> events, CancellationToken cancellationToken);
}

/// <summary>A model as it was folded from its stream.</summary>
/// <param name="Document">The document, as UTF-8 JSON.</param>
/// <param name="Position">The position of the event that changed it last.</param>
internal sealed record FoldedModel(ReadOnlyMemory<byte> Document, LogPosition Position);
