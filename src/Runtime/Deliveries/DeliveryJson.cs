using System.Text.Json;
using System.Text.Json.Serialization;

namespace Granary.Runtime;

/// <summary>How the documents of <see cref="DeliveryTables"/> are written.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SubscriptionDocument))]
[JsonSerializable(typeof(DeliveryDocument))]
[JsonSerializable(typeof(DeliveryOwnerDocument))]
internal sealed partial class DeliveryJson : JsonSerializerContext;

/// <summary>A durable subscription as it is stored. The id tells it from an earlier one of its name.</summary>
internal sealed record SubscriptionDocument(
    Guid Id,
    SubscriptionState State,
    IReadOnlyList<string> Categories,
    IReadOnlyList<string> Streams,
    IReadOnlyList<string> Types,
    bool StartsAtEnd,
    TimeSpan Lease,
    int TriesMax,
    TimeSpan RetryDelay)
{
    // Sets, so that the order in which they were named makes no other subscription.
    public static SubscriptionDocument Of(SubscriptionSettings settings, Guid id = default) => new(
        id,
        SubscriptionState.Creating,
        Sorted(settings.Categories),
        Sorted(settings.Streams.Select(static one => one.ToString())),
        Sorted(settings.Types),
        settings.StartsAtEnd,
        settings.Lease,
        settings.TriesMax,
        settings.RetryDelay);

    public SubscriptionSettings ToSettings() => new()
    {
        Categories = Categories,
        Streams = [.. Streams.Select(StreamName.Parse)],
        Types = Types,
        StartsAtEnd = StartsAtEnd,
        Lease = Lease,
        TriesMax = TriesMax,
        RetryDelay = RetryDelay,
    };

    /// <summary>Whether both hand out the same in the same way.</summary>
    public bool IsSame(SubscriptionDocument other) =>
        Categories.SequenceEqual(other.Categories) && Streams.SequenceEqual(other.Streams)
        && Types.SequenceEqual(other.Types) && StartsAtEnd == other.StartsAtEnd && Lease == other.Lease
        && TriesMax == other.TriesMax && RetryDelay == other.RetryDelay;

    private static IReadOnlyList<string> Sorted(IEnumerable<string> names) =>
        [.. new SortedSet<string>(names, StringComparer.Ordinal)];
}

/// <summary>What is done with a subscription. Stored as a number: do not renumber.</summary>
internal enum SubscriptionState
{
    /// <summary>It is in use.</summary>
    Active = 0,

    /// <summary>It begins: what an earlier one of the name has left is deleted.</summary>
    Creating = 1,

    /// <summary>It ends: what it leaves is deleted.</summary>
    Deleting = 2,
}

/// <summary>An event that was handed out, as it is stored until the checkpoint has passed it.</summary>
/// <param name="Position">Its position.</param>
/// <param name="State">What became of it.</param>
/// <param name="Tries">How often it was handed out.</param>
/// <param name="Lease">Its last lease; null where it had none.</param>
/// <param name="Until">When the lease ends, or when the event is handed out again.</param>
/// <param name="Reason">Why it was refused the last time.</param>
/// <param name="Replayed">The parked stream that is replayed; null where it is none of one.</param>
internal sealed record DeliveryDocument(
    long Position,
    DeliveryState State,
    int Tries,
    string? Lease,
    DateTimeOffset Until,
    string? Reason = null,
    string? Replayed = null);

/// <summary>Whose worker may commit.</summary>
/// <param name="Id">The id of the subscription.</param>
internal sealed record DeliveryOwnerDocument(Guid Id);

/// <summary>What became of an event that was handed out. Stored as a number: do not renumber.</summary>
internal enum DeliveryState
{
    /// <summary>It waits to be handed out.</summary>
    Waiting = 0,

    /// <summary>A consumer has it.</summary>
    Leased = 1,

    /// <summary>It was acknowledged.</summary>
    Done = 2,
}
