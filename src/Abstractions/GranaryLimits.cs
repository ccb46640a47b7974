namespace Granary;

/// <summary>How large things may be. Everything over its limit is refused before anything is written.</summary>
public static class GranaryLimits
{
    /// <summary>The payload of an event, in bytes: 1 MiB.</summary>
    public const int EventSizeMax = 1024 * 1024;

    /// <summary>The metadata of an event, in bytes of JSON: 16 KiB.</summary>
    public const int MetadataSizeMax = 16 * 1024;

    /// <summary>Payloads and metadata of one append, in bytes: 4 MiB.</summary>
    public const int BatchSizeMax = 4 * 1024 * 1024;

    /// <summary>How many events one append holds: 10,000.</summary>
    public const int AppendEventsMax = 10_000;

    /// <summary>The name of a checkpoint, in characters.</summary>
    public const int CheckpointNameLengthMax = 200;

    /// <summary>How many streams a filter of the log names.</summary>
    public const int FilterStreamsMax = 1000;

    /// <summary>How many durable subscriptions there are.</summary>
    public const int SubscriptionsMax = 100;

    /// <summary>How long one call waits for the log to grow, in milliseconds.</summary>
    public const int LogWaitMaxMs = 10_000;

    /// <summary>The key of a model, in characters: that of a stream is one.</summary>
    public const int ModelKeyLengthMax = StreamName.PartLengthMax;

    /// <summary>A text in a column of a table of models, in characters; a longer one is cut there.</summary>
    public const int ModelColumnLengthMax = 300;

    /// <summary>How many events a live model is folded from: 10,000.</summary>
    public const int LiveModelEventsMax = 10_000;

    /// <summary>The name of an event type, in characters.</summary>
    public const int EventTypeLengthMax = 512;

    /// <summary>The events on a page of events.</summary>
    public const int PageSizeMax = 1000;

    /// <summary>
    /// Payloads and metadata on a page of events, in bytes: 8 MiB. A page ends before the event that would be over it.
    /// </summary>
    public const int PageBytesMax = 8 * 1024 * 1024;

    /// <summary>
    /// The state that a stream of JSON events is folded into, and a state that is read over HTTP, in bytes of JSON:
    /// 8 MiB.
    /// </summary>
    public const int StateSizeMax = 8 * 1024 * 1024;

    /// <summary>
    /// How many of a stream's last events a retried append is looked for in, those included that were cleared. One that
    /// expects a version is also found at any distance, as long as the stream was not cleared since.
    /// </summary>
    public const int AppendIdWindow = 1000;
}
