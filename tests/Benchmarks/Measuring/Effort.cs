namespace Granary.Benchmarks;

/// <summary>How much is done: a full run's worth, or what a minute allows.</summary>
internal sealed record Effort(bool Quick)
{
    /// <summary>How long one contestant runs before the other takes its turn.</summary>
    public TimeSpan Turn => Quick ? TimeSpan.FromMilliseconds(250) : TimeSpan.FromSeconds(1);

    /// <summary>How long each runs before anything is measured: what is hot must have been compiled for good.</summary>
    public TimeSpan WarmUp => Quick ? TimeSpan.FromMilliseconds(500) : TimeSpan.FromSeconds(4);

    /// <summary>How often both have their turn.</summary>
    public int Turns => Quick ? 3 : 11;

    public T Of<T>(T full, T quick) => Quick ? quick : full;
}
