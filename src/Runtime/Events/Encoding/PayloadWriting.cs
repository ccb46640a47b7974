namespace Granary.Runtime;

/// <summary>Writes events so that they are read back as equal ones.</summary>
internal static class PayloadWriting
{
    /// <summary>Writes an event; where it would not be read back as an equal one, returns the reason.</summary>
    /// <exception cref="LimitExceededException">The payload is too large.</exception>
    public static Failure? TryWrite(
        PayloadSerializer serializer, object @event, PayloadBuffer buffer, out WrittenEvent written)
    {
        written = default;
        if (serializer.Unsupported is { } unsupported) return new Failure(unsupported, null);
        ReadOnlyMemory<byte> payload;
        try
        {
            payload = serializer.Write(@event, buffer);
        }
        catch (Exception fault) when (fault is not LimitExceededException)
        {
            var member = serializer.FindUnwritable(@event);
            return new Failure(member is null ? fault.Message : $"{member}: {fault.Message}", fault);
        }

        LimitExceededException.ThrowIfOver(
            GranaryLimits.EventSizeMax, payload.Length, "event", "Keep large content elsewhere and a reference in it.");
        written = new WrittenEvent(payload, @event);
        if (serializer.IsTried && serializer.IsProved(@event, payload.Span)) return null;
        return CheckReadBack(serializer, ref written);
    }

    // An event that is written and cannot be read, or is read as another one, would make its stream unusable.
    private static Failure? CheckReadBack(PayloadSerializer serializer, ref WrittenEvent written)
    {
        try
        {
            var read = serializer.Read(written.Payload);
            if (ValueComparison.FirstDifference(written.Event, read) is { } difference)
                return new Failure(difference, null);
            serializer.IsTried = true;
            written = written with { Event = read! };
            return null;
        }
        catch (Exception fault)
        {
            return new Failure($"what is written cannot be read back: {fault.Message}", fault);
        }
    }

    /// <summary>Why an event is not kept by a format.</summary>
    public sealed record Failure(string Reason, Exception? Fault);
}

/// <summary>An event that was written so that it is read back as an equal one.</summary>
/// <param name="Payload">The bytes.</param>
/// <param name="Event">
/// What is folded: where it was read back, what was read, so that whatever a comparison cannot see is folded as every
/// later replay folds it; else the event itself.
/// </param>
internal readonly record struct WrittenEvent(ReadOnlyMemory<byte> Payload, object Event);
