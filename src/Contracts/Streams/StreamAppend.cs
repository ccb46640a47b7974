namespace Granary.Contracts;

/// <summary>Events to append to a stream.</summary>
/// <param name="Events">The events, at least one, in order.</param>
/// <param name="Expected">What the stream's version must be.</param>
/// <param name="IdempotencyKey">The request's own id, where it may be sent again; at most 200 characters.</param>
/// <param name="AreCloudEvents">
/// Whether the events are CloudEvents: each has its source and id as metadata <c>ce-source</c> and <c>ce-id</c>, and
/// one that is among the last 1,000 CloudEvents of the stream is not stored again. The other metadata may differ then.
/// </param>
[GenerateSerializer, Immutable, Alias("granary.StreamAppend")]
public sealed record StreamAppend(
    [property: Id(0)] IReadOnlyList<StreamEvent> Events,
    [property: Id(1)] ExpectedVersion Expected = default,
    [property: Id(2)] string? IdempotencyKey = null,
    [property: Id(3)] bool AreCloudEvents = false);

/// <summary>The result of an append to a stream.</summary>
/// <param name="Outcome">Appended now, appended before, or refused because of the version.</param>
/// <param name="FirstVersion">The version of the first event; after a conflict 0.</param>
/// <param name="Version">The version of the last event; after a conflict the version that the stream is at.</param>
/// <param name="Position">
/// The position of the last event; after a conflict that of the stream's last event. 0 where the events were appended
/// before, and removed since by a truncation.
/// </param>
[GenerateSerializer, Immutable, Alias("granary.StreamAppendAnswer")]
public sealed record StreamAppendAnswer(
    [property: Id(0)] AppendOutcome Outcome,
    [property: Id(1)] StreamVersion FirstVersion,
    [property: Id(2)] StreamVersion Version,
    [property: Id(3)] LogPosition Position);
