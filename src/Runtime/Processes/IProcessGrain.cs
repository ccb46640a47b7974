namespace Granary.Runtime;

/// <summary>What a process manager is called for.</summary>
[Alias("granary.IProcessGrain")]
internal interface IProcessGrain : IGrainWithStringKey
{
    /// <summary>Handles an event of the log. Called again with the same event, it does what is left to do.</summary>
    [Alias("Handle")]
    Task Handle(RecordedEvent recorded, CancellationToken cancellationToken = default);

    /// <summary>Handles a deadline that has passed. Called again for the same, it does what is left to do.</summary>
    [Alias("Expire")]
    Task Expire(string name, DateTimeOffset due, CancellationToken cancellationToken = default);
}
