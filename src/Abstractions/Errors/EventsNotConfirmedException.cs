namespace Granary;

/// <summary>
/// Events that a grain raised could not be confirmed within the time for retries, or do not apply any more. They are
/// dropped from the grain, which deactivates. Its next call reads the stream, which shows whether the store has them.
/// </summary>
[GenerateSerializer, Alias("granary.EventsNotConfirmedException")]
public sealed class EventsNotConfirmedException : GranaryException
{
    /// <summary>Creates the error.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="version">The version of the grain when its journal failed.</param>
    /// <param name="events">How many events were dropped.</param>
    /// <param name="reason">Why they could not be confirmed.</param>
    /// <param name="inner">The last error.</param>
    public EventsNotConfirmedException(
        StreamName stream, StreamVersion version, int events, string reason, Exception? inner = null)
        : base($"{Subject(stream, version, events)}: {reason} "
            + "The grain deactivates; call it again to see what is stored.", inner)
    {
        Stream = stream;
        Version = version;
        Events = events;
    }

    /// <summary>The stream.</summary>
    [Id(0)] public StreamName Stream { get; }

    /// <summary>The version of the grain when its journal failed.</summary>
    [Id(1)] public StreamVersion Version { get; }

    /// <summary>How many events were dropped.</summary>
    [Id(2)] public int Events { get; }

    private static string Subject(StreamName stream, StreamVersion version, int events) => events > 0
        ? $"{events} event(s) of stream {stream} after version {version} were not confirmed"
        : $"The journal of stream {stream} failed at version {version} and takes no more events";
}
