using System.Text.Json.Nodes;

namespace Granary.Runtime;

/// <summary>Runs one stored event through the upcasters.</summary>
internal sealed class UpcastRun(Upcasting upcasting, RecordedEvent recorded, JsonFormat json, OrleansFormat orleans)
{
    /// <summary>How many upcasters may follow one another; more is a circle.</summary>
    private const int ChainLengthMax = 100;

    /// <summary>How many events may replace one; the bound of what a wrong upcaster can do to memory.</summary>
    private const int ResultsMax = 10_000;

    private readonly List<UpcastResult> _done = [];

    /// <summary>The current events that replace the stored one, in order.</summary>
    public List<UpcastResult> Run()
    {
        // Neither JSON nor an object yet: the stored payload, which the first upcaster reads in its own way.
        RunOn(new UpcastResult(recorded.Type, recorded.SchemaVersion, null, null), 0);
        return _done;
    }

    private void RunOn(UpcastResult next, int chainLength)
    {
        if (upcasting.Find(next.Type, next.SchemaVersion) is not { } upcaster)
        {
            if (_done.Count == ResultsMax)
                throw new InvalidOperationException($"More than {ResultsMax} events would replace one.");
            _done.Add(next);
            return;
        }

        if (chainLength == ChainLengthMax)
            throw new InvalidOperationException($"The upcasters run in a circle, over {next.Type} again.");
        if (upcaster is ITypedUpcaster typed)
        {
            var made = typed.Upcast(ObjectOf(next, typed.Old));
            if (made.Value is null) throw new InvalidOperationException($"{upcaster.GetType()} returned null.");
            RunOn(made, chainLength + 1);
            return;
        }

        var old = new UpcastEvent(next.Type, next.SchemaVersion, JsonOf(next));
        foreach (var result in WithOwnPayloads(upcaster, old, upcaster.Upcast(old)).Take(ResultsMax + 1).ToArray())
            RunOn(new UpcastResult(result.Type, result.SchemaVersion, result.Payload, null), chainLength + 1);
    }

    // Upcasters change payloads in place: the next one does, and the same one before it returns its next event. So each
    // event has a payload of its own, as it was returned. Only one that is returned alone keeps that of the old event.
    private static IEnumerable<UpcastEvent> WithOwnPayloads(
        IUpcaster upcaster, UpcastEvent old, IEnumerable<UpcastEvent> results)
    {
        var isAlone = results is IReadOnlyCollection<UpcastEvent> { Count: 1 };
        foreach (var result in results)
        {
            if (result is not { Type: not null, Payload: { } payload })
                throw new InvalidOperationException($"{upcaster.GetType()} returned an event without type or payload.");
            yield return isAlone && ReferenceEquals(payload, old.Payload)
                ? result
                : result with { Payload = (JsonObject)payload.DeepClone() };
        }
    }

    private object ObjectOf(UpcastResult next, Type type)
    {
        if (type.IsInstanceOfType(next.Value)) return next.Value!;
        var read = next switch
        {
            { Json: not null } or { Value: not null } =>
                ((json.SerializerOf(type) as JsonPayloadSerializer)
                    ?? throw new NotSupportedException($"JSON cannot make a {type}.")).Read(JsonOf(next)),
            _ when recorded.ContentType == ContentTypes.Orleans => orleans.SerializerOf(type).Read(recorded.Payload),
            _ when recorded.ContentType == ContentTypes.Json => json.SerializerOf(type).Read(recorded.Payload),
            _ => throw new NotSupportedException($"Content type {recorded.ContentType} is not known."),
        };
        return read ?? throw new System.Text.Json.JsonException("The payload is null.");
    }

    private JsonObject JsonOf(UpcastResult next)
    {
        if (next.Json is not null) return next.Json;
        if (next.Value is not null) return json.Parse(json.WriteVerified(next.Value));
        return recorded.ContentType == ContentTypes.Json
            ? json.Parse(recorded.Payload)
            : throw new NotSupportedException(
                $"Upcasters of JSON take {ContentTypes.Json}, and this payload is {recorded.ContentType}. "
                + $"Derive from {typeof(Upcaster<,>).Name[..^2]}<TOld, TNew> to read it.");
    }
}
