namespace Granary.Tests.Conformance.SelfTest;

/// <summary>The ways in which <see cref="FaultyStore"/> can break its promises.</summary>
public enum Fault
{
    None,

    // Appending
    DropsMetadata,
    CutsTypesAtNul,
    TakesNamesForOneAnother,
    CutsLongNames,
    ReversesAnAppend,
    AnswersWithTheFirstEvent,
    CutsTimeToMilliseconds,
    JudgesABatchByItsStart,
    FailsTheBatchOnAConflict,
    LandsHalfOfAConflict,
    KeepsTheCallersBuffer,
    CutsLargePayloads,

    // Expected versions
    ForgetsTheVersion,
    ForgetsThePosition,
    BelievesItsOwnHeads,

    // Idempotence
    ForgetsAppendIds,
    RemembersAppendIdsInTheProcess,
    AnswersARetryWithNow,
    LooksInTheWindowOnly,
    LooksAtOneEventLess,
    ForgetsTheIdOfAClearing,
    FindsIdsInOtherStreams,
    TakesAnyEventForTheRetry,

    // Order and visibility
    LosesAPositionToAConflict,
    CountsPositionsByItself,
    ShowsTheLaterFirst,
    SeesItsOwnCommitsOnly,
    KeepsAllInOnePartition,

    // Reading
    StreamAfterIsInclusive,
    LogAfterIsInclusive,
    WrapsBeyondTheEnd,
    ForgetsThePartitionOfTheAbsent,
    HeadHasTheLatestTime,
    EndsAfterThousandEvents,
    ReaderHoldsUpWriters,
    StoppedReaderHoldsUpWriters,
    ClearsWhatWasRead,

    // Clearing
    GoesOnWithTheVersion,
    BringsOldEventsBack,
    KeepsClearedPayloads,
    KeepsClearedMetadata,
    MarksNoClearing,
    MarksClearingsOfNothing,
    ClearsWithoutLooking,
    KeepsSnapshotsOfTheCleared,
    DropsSnapshotsOfOthers,

    // Snapshots
    ForgetsTheSnapshotsPosition,
    ForgetsTheVersionBound,
    ForgetsTheInstantBound,
    KeepsTheFirstSnapshot,
    KeepsEverySnapshot,
    CountsASnapshotAsAnEvent,

    // Refusals
    TakesStrays,
    StopsAtStrays,
    KnowsEveryPartition,
    WritesThoughCancelled,
    ReadsThoughCancelled,

    // Reopening
    LosesTheTailAtOpening,
    BeginsAnewAtEachStart,
}
