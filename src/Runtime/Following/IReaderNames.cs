namespace Granary.Runtime;

/// <summary>Names that stand for readers of other names, as that of a projection for the one of its build.</summary>
internal interface IReaderNames
{
    /// <summary>The reader that a name stands for; null where it stands for none.</summary>
    ValueTask<string?> ResolveAsync(string name, CancellationToken cancellationToken);
}
