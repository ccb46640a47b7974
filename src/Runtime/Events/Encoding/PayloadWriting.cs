namespace Granary.Runtime;

/// <summary>Writes events so that they are read back as equal ones.</summary>
internal static class PayloadWriting
{
    /// <summary>Writes an event; of one that would not be read back as an equal one, says why.</summary>
    /// <exception cref="LimitExceededException">The payload is too large.</exception>
    public static Failure? TryWrite(
        PayloadSerializer serializer, object @event, PayloadBuffer buffer, out ReadOnlyMemory<byte> payload)
    {
        payload = default;
        if (serializer.Unsupported is { } unsupported) return new Failure(unsupported, null);
        try
        {
            payload = serializer.Write(@event, buffer);
        }
        catch (Exception fault)
        {
            var member = serializer.FindUnwritable(@event);
            return new Failure(member is null ? fault.Message : $"{member}: {fault.Message}", fault);
        }

        LimitExceededException.ThrowIfOver(
            GranaryLimits.EventSizeMax, payload.Length, "event", "Keep large content elsewhere and a reference in it.");
        if (serializer.IsTried && serializer.IsProved(@event, payload.Span)) return null;
        return CheckReadBack(serializer, @event, payload);
    }

    // A stream must not be locked for ever by an event that is written and not read, or read as another one.
    private static Failure? CheckReadBack(
        PayloadSerializer serializer, object @event, ReadOnlyMemory<byte> payload)
    {
        try
        {
            var read = serializer.Read(payload);
            if (ValueComparison.FirstDifference(@event, read) is { } difference) return new Failure(difference, null);
            serializer.IsTried = true;
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
