using Granary.Contracts;

namespace Granary.Client;

/// <summary>One append of many, and what its sender recognises it by.</summary>
/// <param name="Tag">The sender's own; it comes back with the answer.</param>
/// <param name="Stream">The stream to append to.</param>
/// <param name="Append">What to append.</param>
public readonly record struct TaggedAppend<TTag>(TTag Tag, StreamName Stream, StreamAppend Append);

/// <summary>How one append of many ended: it has an answer or an error, never both.</summary>
/// <param name="Tag">The append's tag.</param>
/// <param name="Stream">The append's stream.</param>
/// <param name="Answer">The answer; null where there is an error.</param>
/// <param name="Error">What <see cref="IGranaryClient.AppendAsync"/> throws for this append; else null.</param>
public readonly record struct TaggedAnswer<TTag>(
    TTag Tag, StreamName Stream, StreamAppendAnswer? Answer, Exception? Error);
