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
    ChecksABatchAgainstItsStart,
    FailsTheBatchOnAConflict,
    LandsHalfOfAConflict,
    KeepsTheCallersBuffer,
    CutsLargePayloads,
    KeepsATypeAsItCameFirst,
    CutsContentTypes,
    CutsLongBatches,
    CutsLongAppends,

    // Expected versions
    ForgetsTheVersion,
    ForgetsThePosition,
    BelievesItsOwnHeads,
    RefusesByItsOwnHeads,
    CutsExpectedVersions,
    CutsExpectedPositions,

    // Idempotence
    ForgetsAppendIds,
    KeepsAppendIdsInTheProcess,
    AnswersARetryWithNow,
    LooksInTheWindowOnly,
    LooksAtOneEventLess,
    ForgetsTheIdsOfTheCleared,
    TrustsAVersionThatIsMetAgain,
    ForgetsTheIdOfAClearing,
    FindsTheLastClearingOnly,
    ClearsAgainAtTheSameVersion,
    FindsIdsInOtherStreams,
    TakesAnyEventForTheRetry,
    TakesEventIdsForAppendIds,
    ReadsEventIdsAsAppendIds,
    FindsTheFirstGenerationOnly,
    WantsUniqueEventIds,

    // Order and visibility
    LosesAPositionToAConflict,
    CountsPositionsByItself,
    ShowsTheLaterFirst,
    SeesItsOwnCommitsOnly,
    KeepsAllInOnePartition,
    LetsTimeGoBack,
    KeepsTimeInTheProcess,
    IgnoresTheTimeOfACopy,
    FailsWhenUsedAtOnce,

    // Reading
    StreamAfterIsInclusive,
    LogAfterIsInclusive,
    WrapsBeyondTheEnd,
    ForgetsThePartitionOfTheAbsent,
    HeadHasTheFirstTime,
    EndsAfterThousandEvents,
    EndsAfterFourMebibytes,
    ReaderHoldsUpWriters,
    StoppedReaderHoldsUpWriters,
    ClearsWhatWasRead,

    // Pages of the log
    FiltersNoCategories,
    FiltersNoTypes,
    ForgetsThePagesLimit,
    ForgetsThePagesBytes,
    StandsStillOverTheFiltered,
    LooksTooFar,
    MovesThePositionToTheEnd,
    EndsWhereThePageEnds,
    TakesNoLimit,

    // Clearing
    GoesOnWithTheVersion,
    BringsOldEventsBack,
    ClearsTheLastThousand,
    KeepsClearedPayloads,
    KeepsClearedMetadata,
    MarksNoClearing,
    MarksClearingsOfNothing,
    ClearsWithoutLooking,
    KeepsSnapshotsOfTheCleared,
    DropsSnapshotsOfOthers,

    // Scrubbing
    ShowsWhatIsNotScrubbed,
    ScrubsAllAtOnce,
    ScrubsWhatCameSince,
    ScrubsAwayTheEvent,
    ScrubsIds,
    ForgetsWhatIsLeft,
    AlwaysHasMoreToScrub,
    TakesAStepOfNothing,
    ScrubsThoughCancelled,

    // Truncation
    TruncatesTheEventThatStays,
    TruncatesWithoutLooking,
    TruncatesThousandEventsAtMost,
    TruncatesAgainFromTheStart,
    TruncatesThoughCancelled,
    RefusesARetryOfATruncation,
    ReadsOnAtTheFirstThatIsLeft,
    BeginsAtVersionOne,
    BeginsNowhere,
    BeginsWhereTheLastGenerationDid,
    ForgetsTruncationsAtOpening,
    KeepsSnapshotsOfTheTruncated,
    DropsEverySnapshotOfTheTruncated,
    KeepsLateSnapshotsOfTheTruncated,
    DropsTheSnapshotWhereAStreamBegins,
    ForgetsTheSnapshotOfATruncation,
    ReplacesTheSnapshotOfATruncation,
    KeepsTheSnapshotOfNoTruncation,
    TakesAnySnapshotOfATruncation,
    KeepsTheSnapshotWhereAnEarlierGenerationBegan,

    // The names of streams
    ListsAFirstPageOnly,
    ListsEveryCategory,
    ListsByTheLastEvent,
    ForgetsTheNamesOfTheCleared,
    CountsTheNamesListed,
    AlwaysHasAnotherPage,
    TakesAnyCursor,

    // Snapshots
    ForgetsTheSnapshotsPosition,
    ForgetsTheVersionBound,
    ForgetsTheInstantBound,
    KeepsTheFirstSnapshot,
    KeepsEverySnapshot,
    CountsASnapshotAsAnEvent,
    KeepsLateSnapshotsOfTheCleared,
    CutsLargeSnapshots,
    KeepsSnapshotsItHasRead,

    // Checkpoints
    MovesFromAnywhere,
    ForgetsTheEpoch,
    RefusesAMoveThatWasMade,
    TakesCheckpointsForOneAnother,
    HasOneCheckpointForAllPartitions,
    ReadsBeforeItMoves,
    KeepsCheckpointsInTheProcess,
    MovesThoughCancelled,
    ReadsThoseOfOnePartition,
    DeletesInOnePartition,

    // The tail of the log
    WaitsForTheNextCommit,
    HearsOnlyItself,
    WaitsThoughCancelled,
    WaitsForEveryPartition,

    // Refusals
    TakesStrays,
    StopsAtStrays,
    AcceptsEveryPartition,
    WritesThoughCancelled,
    WritesSnapshotsThoughCancelled,
    ReadsThoughCancelled,

    // Description
    MakesAnIdAtEachStart,
    HasTheIdOfEveryStore,
    TakesFewerEventsThanItSays,
    TakesLessThanItSays,

    // Reopening
    LosesTheTailAtOpening,
    BeginsAnewAtEachStart,
}
