namespace Granary.Gateway;

/// <summary>Events that are sent to a live reader, and the ids from which it resumes.</summary>
internal interface ILiveFeed
{
    /// <summary>
    /// The id from which a reader resumes that has all events which were given out before the one that is being asked
    /// for.
    /// </summary>
    string Id { get; }

    /// <summary>The id from which a reader resumes that has this event, the last that was given out.</summary>
    string IdOf(RecordedEvent recorded);

    /// <summary>The events. For one enumeration, which ends by an error or when it is cancelled.</summary>
    IAsyncEnumerable<RecordedEvent> ReadAsync(CancellationToken cancellationToken);
}
