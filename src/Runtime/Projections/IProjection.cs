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
    /// Whether the model of a key is folded from the events of one stream alone, so that it can be folded anew on
    /// request; with that stream's name.
    /// </summary>
    bool TryGetStream(string key, out StreamName stream);
}
