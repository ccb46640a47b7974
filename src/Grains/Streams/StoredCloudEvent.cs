using System.Security.Cryptography;
using System.Text;
using Granary.Contracts;

namespace Granary.Grains;

/// <summary>A CloudEvent that a stream holds.</summary>
/// <param name="Key">The hash of its source and id: by their specification those of one event alone.</param>
/// <param name="Content">The hash of its type and data.</param>
/// <param name="Version">Its version in the stream.</param>
[GenerateSerializer, Immutable, Alias("granary.StoredCloudEvent")]
internal readonly record struct StoredCloudEvent(
    [property: Id(0)] Guid Key, [property: Id(1)] Guid Content, [property: Id(2)] long Version)
{
    private const string SourceName = "ce-source";
    private const string IdName = "ce-id";

    /// <summary>What identifies an event, or null where it is no CloudEvent.</summary>
    public static StoredCloudEvent? Of(StreamEvent @event, long version) =>
        @event.Metadata is { } metadata && metadata.TryGetValue(SourceName, out var source)
            && metadata.TryGetValue(IdName, out var id)
            ? new StoredCloudEvent(
                Hash(source, Encoding.UTF8.GetBytes(id)), Hash(@event.Type, @event.Data ?? []), version)
            : null;

    /// <summary>The source and id of an event, for people.</summary>
    public static string Name(StreamEvent @event) => $"{@event.Metadata![SourceName]} {@event.Metadata[IdName]}";

    // The length comes first, so that no two pairs are one text.
    private static Guid Hash(string first, ReadOnlySpan<byte> second)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(BitConverter.GetBytes(first.Length));
        hash.AppendData(Encoding.UTF8.GetBytes(first));
        hash.AppendData(second);
        Span<byte> all = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(all);
        return new Guid(all[..16]);
    }
}
