namespace Granary.Runtime;

/// <summary>Writes and reads the events of one type in one format. Members are called from many threads.</summary>
internal abstract class PayloadSerializer(string contentType)
{
    /// <summary>The media type of what is written.</summary>
    public string ContentType => contentType;

    /// <summary>Why the format cannot write the type at all, or null.</summary>
    public virtual string? Unsupported => null;

    /// <summary>Whether an event of the type was written, read back and found equal.</summary>
    public bool IsTried { get; set; }

    /// <summary>Writes an event, into the buffer where it is small.</summary>
    public abstract ReadOnlyMemory<byte> Write(object @event, PayloadBuffer buffer);

    /// <summary>Reads what was written.</summary>
    public abstract object? Read(ReadOnlyMemory<byte> payload);

    /// <summary>
    /// Whether it is proved, by the event's type and by checks of this event, that its payload is read back as an equal
    /// event. Where it is not, the payload is read back and compared before it is stored.
    /// </summary>
    public abstract bool IsProved(object @event, ReadOnlySpan<byte> payload);

    /// <summary>Names the member that <see cref="Write"/> failed on, where it can be found; else null.</summary>
    public virtual string? FindUnwritable(object @event) => null;
}

/// <summary>The serializer of a type that a format cannot write.</summary>
internal sealed class UnsupportedSerializer(string contentType, string reason) : PayloadSerializer(contentType)
{
    public override string Unsupported => reason;

    public override ReadOnlyMemory<byte> Write(object @event, PayloadBuffer buffer) =>
        throw new NotSupportedException(reason);

    public override object? Read(ReadOnlyMemory<byte> payload) => throw new NotSupportedException(reason);

    public override bool IsProved(object @event, ReadOnlySpan<byte> payload) => false;
}
