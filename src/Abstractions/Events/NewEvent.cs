namespace Granary;

/// <summary>An event to be appended: encoded, and within its limits.</summary>
public sealed class NewEvent
{
    /// <summary>Describes an event.</summary>
    /// <param name="id">The event's own id, a UUIDv7.</param>
    /// <param name="type">The name of its type, 1 to 512 characters; a contract, not a class name.</param>
    /// <param name="payload">Its content, at most 1 MiB. Not to be changed until the append has been answered.</param>
    /// <exception cref="ArgumentException">
    /// The id is empty, or the type's name is empty or not well-formed Unicode.
    /// </exception>
    /// <exception cref="LimitExceededException">The payload or the name is too large.</exception>
    public NewEvent(Guid id, string type, ReadOnlyMemory<byte> payload)
    {
        if (id == Guid.Empty) throw new ArgumentException("The event has no id.", nameof(id));
        ArgumentException.ThrowIfNullOrEmpty(type);
        LimitExceededException.ThrowIfOver(
            GranaryLimits.EventTypeLengthMax, type.Length, "event type", "Give the type a shorter name.");
        if (!UnicodeText.IsWellFormed(type))
            throw new ArgumentException("The event type's name holds a lone surrogate: it has no UTF-8.", nameof(type));
        LimitExceededException.ThrowIfOver(
            GranaryLimits.EventSizeMax, payload.Length, "event",
                "Keep large content elsewhere and a reference in the event.");

        Id = id;
        Type = type;
        Payload = payload;
    }

    /// <summary>Describes an event and makes its id.</summary>
    /// <param name="time">The clock whose time the id begins with.</param>
    /// <param name="type">The name of its type, 1 to 512 characters; a contract, not a class name.</param>
    /// <param name="payload">Its content, at most 1 MiB. Not to be changed until the append has been answered.</param>
    /// <exception cref="ArgumentException">The type's name is empty or not well-formed Unicode.</exception>
    /// <exception cref="LimitExceededException">The payload or the name is too large.</exception>
    public NewEvent(TimeProvider time, string type, ReadOnlyMemory<byte> payload)
        : this(Uuid7.New(time), type, payload) => HasNewId = true;

    /// <summary>The event's own id.</summary>
    public Guid Id { get; }

    /// <summary>
    /// Whether the id was made with the event, so that no other event has it. An id that was given may be given again.
    /// </summary>
    public bool HasNewId { get; private init; }

    /// <summary>The name of the event's type.</summary>
    public string Type { get; }

    /// <summary>The version of the type's shape, from 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is less than 1.</exception>
    public int SchemaVersion
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            field = value;
        }
    } = 1;

    /// <summary>How the payload is written, as a media type of 1 to 255 characters.</summary>
    /// <exception cref="ArgumentException">It is empty.</exception>
    /// <exception cref="LimitExceededException">It is too long.</exception>
    public string ContentType
    {
        get;
        init
        {
            ArgumentException.ThrowIfNullOrEmpty(value);
            LimitExceededException.ThrowIfOver(
                ContentTypes.LengthMax, value.Length, "content type", "Use the media type alone.");
            field = value;
        }
    } = ContentTypes.Json;

    /// <summary>The content.</summary>
    public ReadOnlyMemory<byte> Payload { get; }

    /// <summary>Who, why and what else; at most 16 KiB.</summary>
    /// <exception cref="LimitExceededException">It is too large.</exception>
    public EventMetadata Metadata
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            EventMetadata.ThrowIfOver(value.Utf8.Length);
            field = value;
        }
    } = EventMetadata.Empty;

    /// <summary>The size of payload and metadata, in bytes.</summary>
    public int Size => Payload.Length + Metadata.Utf8.Length;

    /// <summary>The same event with other metadata.</summary>
    /// <exception cref="LimitExceededException">The metadata is too large.</exception>
    public NewEvent With(EventMetadata metadata) => new(Id, Type, Payload)
    {
        HasNewId = HasNewId,
        SchemaVersion = SchemaVersion,
        ContentType = ContentType,
        Metadata = metadata,
    };
}
