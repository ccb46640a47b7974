namespace Granary.Runtime;

/// <summary>A handler cannot handle an event: its stream is parked once it was tried often enough.</summary>
internal sealed class EventFailedException(RecordedEvent failed, Exception cause) : Exception(cause.Message, cause)
{
    public RecordedEvent Failed => failed;
}
