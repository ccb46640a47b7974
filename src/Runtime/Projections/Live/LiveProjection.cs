namespace Granary.Runtime;

/// <summary>A projection whose models are folded when they are read: nothing of it is stored.</summary>
internal sealed class LiveProjection
{
    /// <summary>Checks that it can be.</summary>
    /// <exception cref="InvalidOperationException">Its models are not each folded from one stream.</exception>
    public LiveProjection(IProjection projection)
    {
        if (projection.StreamFault is { } fault)
            throw new InvalidOperationException(
                $"The projection '{projection.Name}' cannot be live: {fault}, and a live model is folded from the "
                + "stream that has its key. Register it with AddProjection, or read one category and declare no keys.");
        Projection = projection;
    }

    /// <summary>What folds its models.</summary>
    public IProjection Projection { get; }
}
