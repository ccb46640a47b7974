namespace Granary;

/// <summary>What a reader of the log does with the events.</summary>
[GenerateSerializer]
public enum ReaderKind
{
    /// <summary>It folds them into models.</summary>
    Projection,

    /// <summary>It causes side effects.</summary>
    Reactor,

    /// <summary>It feeds process managers.</summary>
    ProcessManager,

    /// <summary>It hands them to consumers outside the silos.</summary>
    Subscription,
}
