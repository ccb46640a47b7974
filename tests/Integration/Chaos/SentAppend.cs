namespace Granary.Tests.Integration;

/// <summary>What a client knows of an append in the end.</summary>
internal enum SentOutcome
{
    /// <summary>It stopped trying before there was an answer: the append may be stored or not.</summary>
    Unknown,

    /// <summary>It was answered that the append is stored.</summary>
    Acknowledged,

    /// <summary>It was answered that the stream was at another version: nothing is stored.</summary>
    Refused,
}

/// <summary>An append that a client of the load has sent, once or several times under one key.</summary>
/// <param name="Writer">The client.</param>
/// <param name="Number">The client's own count of its appends.</param>
/// <param name="Stream">The stream, as the log names it.</param>
/// <param name="Count">How many events it has.</param>
/// <param name="Outcome">What came of it.</param>
/// <param name="FirstVersion">The version of its first event, where it was acknowledged.</param>
internal sealed record SentAppend(
    int Writer, int Number, string Stream, int Count, SentOutcome Outcome, long FirstVersion);

/// <summary>An event of the load as the log has it.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Position">Its position there.</param>
/// <param name="Stream">Its stream.</param>
/// <param name="Version">Its version there.</param>
/// <param name="Writer">The client that sent it.</param>
/// <param name="Number">The number of its append.</param>
/// <param name="At">Which event of the append it is, from 0.</param>
internal sealed record LoggedEvent(
    int Partition, long Position, string Stream, long Version, int Writer, int Number, int At);
