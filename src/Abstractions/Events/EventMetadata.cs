using System.Buffers;
using System.Collections.Frozen;
using System.Text.Json;

namespace Granary;

/// <summary>
/// Who, why and what else: pairs of text, written as one flat JSON object. Immutable. Parsed at the first access, so
/// metadata that is not read costs no parsing.
/// </summary>
[GenerateSerializer, Immutable, Alias("granary.EventMetadata")]
public sealed class EventMetadata : IEquatable<EventMetadata>
{
    private static readonly byte[] EmptyObject = "{}"u8.ToArray();

    [Id(0)] private readonly ReadOnlyMemory<byte> _utf8;
    [NonSerialized] private FrozenDictionary<string, string>? _pairs;

    private EventMetadata(ReadOnlyMemory<byte> utf8) => _utf8 = utf8;

    /// <summary>Metadata without entries.</summary>
    public static EventMetadata Empty { get; } = new(EmptyObject);

    /// <summary>The pairs as a JSON object in UTF-8.</summary>
    public ReadOnlyMemory<byte> Utf8 => _utf8.IsEmpty ? EmptyObject : _utf8;

    /// <summary>What all events of one undertaking share.</summary>
    public string? CorrelationId => Find(MetadataNames.CorrelationId);

    /// <summary>The event or command that caused the event.</summary>
    public string? CausationId => Find(MetadataNames.CausationId);

    /// <summary>Who did it.</summary>
    public string? Actor => Find(MetadataNames.Actor);

    /// <summary>The W3C trace context under which it was raised.</summary>
    public string? TraceParent => Find(MetadataNames.TraceParent);

    /// <summary>All the pairs.</summary>
    /// <exception cref="StoreCorruptException">What is stored is not a flat JSON object of text.</exception>
    public IReadOnlyDictionary<string, string> Pairs => _pairs ??= Read(Utf8.Span);

    /// <summary>The value of a name, or null.</summary>
    /// <exception cref="StoreCorruptException">What is stored is not a flat JSON object of text.</exception>
    public string? Find(string name) => IsEmpty(_utf8.Span) ? null : Pairs.GetValueOrDefault(name);

    /// <summary>Takes metadata as it is stored. The bytes are not copied and must not change.</summary>
    public static EventMetadata FromUtf8(ReadOnlyMemory<byte> utf8) =>
        IsEmpty(utf8.Span) ? Empty : new EventMetadata(utf8);

    /// <summary>Makes metadata of pairs; of two pairs with one name the later counts.</summary>
    /// <exception cref="ArgumentException">
    /// A name or value is null or not well-formed Unicode: it would not come back as it was.
    /// </exception>
    /// <exception cref="LimitExceededException">
    /// The JSON is larger than <see cref="GranaryLimits.MetadataSizeMax"/>.
    /// </exception>
    public static EventMetadata Of(IEnumerable<KeyValuePair<string, string>> pairs)
    {
        var unique = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in pairs)
        {
            if (!UnicodeText.IsWellFormed(name) || value is null || !UnicodeText.IsWellFormed(value))
                throw new ArgumentException(
                    $"Metadata {name} is null or holds a lone surrogate, which has no UTF-8.", nameof(pairs));
            unique[name] = value;
        }

        if (unique.Count == 0) return Empty;

        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in unique) writer.WriteString(name, value);
            writer.WriteEndObject();
        }

        ThrowIfOver(buffer.WrittenCount);
        return new EventMetadata(buffer.WrittenMemory);
    }

    /// <summary>This metadata with further pairs; where a name is in both, the further one counts.</summary>
    public EventMetadata With(IEnumerable<KeyValuePair<string, string>> pairs) => Of(Pairs.Concat(pairs));

    /// <inheritdoc />
    public bool Equals(EventMetadata? other) =>
        other is not null && (Utf8.Span.SequenceEqual(other.Utf8.Span)
            || (Pairs.Count == other.Pairs.Count && Pairs.All(pair => other.Find(pair.Key) == pair.Value)));

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as EventMetadata);

    /// <inheritdoc />
    public override int GetHashCode() => Pairs.Count;

    /// <inheritdoc />
    public override string ToString() => System.Text.Encoding.UTF8.GetString(Utf8.Span);

    internal static void ThrowIfOver(int size) => LimitExceededException.ThrowIfOver(
        GranaryLimits.MetadataSizeMax, size, "metadata", "Put what is large into the event itself.");

    private static bool IsEmpty(ReadOnlySpan<byte> utf8) => utf8.IsEmpty || utf8.SequenceEqual(EmptyObject);

    private static FrozenDictionary<string, string> Read(ReadOnlySpan<byte> utf8)
    {
        try
        {
            var pairs = JsonSerializer.Deserialize<Dictionary<string, string?>>(utf8);
            if (pairs is null || pairs.ContainsValue(null)) throw new JsonException("There is a null in it.");
            return pairs.ToFrozenDictionary(StringComparer.Ordinal)!;
        }
        catch (JsonException fault)
        {
            throw new StoreCorruptException("An event's metadata is not a flat JSON object of text.", fault);
        }
    }
}
