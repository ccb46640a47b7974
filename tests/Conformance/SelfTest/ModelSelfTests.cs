using System.Globalization;
using CsCheck;

namespace Granary.Tests.Conformance.SelfTest;

/// <summary>The model-based test detects broken promises too, those that show without concurrency.</summary>
public sealed class ModelSelfTests
{
    private const int Histories = 200;

    [Theory]
    [InlineData(Fault.ReversesAnAppend)]
    [InlineData(Fault.AnswersWithTheFirstEvent)]
    [InlineData(Fault.ChecksABatchAgainstItsStart)]
    [InlineData(Fault.FailsTheBatchOnAConflict)]
    [InlineData(Fault.ForgetsTheVersion)]
    [InlineData(Fault.ForgetsThePosition)]
    [InlineData(Fault.BelievesItsOwnHeads)]
    [InlineData(Fault.ForgetsAppendIds)]
    [InlineData(Fault.KeepsAppendIdsInTheProcess)]
    [InlineData(Fault.AnswersARetryWithNow)]
    [InlineData(Fault.ForgetsTheIdsOfTheCleared)]
    [InlineData(Fault.TrustsAVersionThatIsMetAgain)]
    [InlineData(Fault.ForgetsTheIdOfAClearing)]
    [InlineData(Fault.TakesAnyEventForTheRetry)]
    [InlineData(Fault.LosesAPositionToAConflict)]
    [InlineData(Fault.CountsPositionsByItself)]
    [InlineData(Fault.SeesItsOwnCommitsOnly)]
    [InlineData(Fault.KeepsAllInOnePartition)]
    [InlineData(Fault.StreamAfterIsInclusive)]
    [InlineData(Fault.LogAfterIsInclusive)]
    [InlineData(Fault.HeadHasTheFirstTime)]
    [InlineData(Fault.GoesOnWithTheVersion)]
    [InlineData(Fault.BringsOldEventsBack)]
    [InlineData(Fault.KeepsClearedPayloads)]
    [InlineData(Fault.MarksNoClearing)]
    [InlineData(Fault.MarksClearingsOfNothing)]
    [InlineData(Fault.ClearsWithoutLooking)]
    [InlineData(Fault.KeepsSnapshotsOfTheCleared)]
    [InlineData(Fault.DropsSnapshotsOfOthers)]
    [InlineData(Fault.ShowsWhatIsNotScrubbed)]
    [InlineData(Fault.ScrubsWhatCameSince)]
    [InlineData(Fault.ScrubsAwayTheEvent)]
    [InlineData(Fault.ScrubsIds)]
    [InlineData(Fault.TruncatesTheEventThatStays)]
    [InlineData(Fault.TruncatesWithoutLooking)]
    [InlineData(Fault.RefusesARetryOfATruncation)]
    [InlineData(Fault.ReadsOnAtTheFirstThatIsLeft)]
    [InlineData(Fault.BeginsAtVersionOne)]
    [InlineData(Fault.BeginsWhereTheLastGenerationDid)]
    [InlineData(Fault.ForgetsTruncationsAtOpening)]
    [InlineData(Fault.DropsEverySnapshotOfTheTruncated)]
    [InlineData(Fault.ForgetsTheVersionBound)]
    [InlineData(Fault.KeepsTheFirstSnapshot)]
    [InlineData(Fault.CountsASnapshotAsAnEvent)]
    [InlineData(Fault.KeepsLateSnapshotsOfTheCleared)]
    [InlineData(Fault.LetsTimeGoBack)]
    [InlineData(Fault.KeepsTimeInTheProcess)]
    [InlineData(Fault.WritesThoughCancelled)]
    [InlineData(Fault.LosesTheTailAtOpening)]
    [InlineData(Fault.BeginsAnewAtEachStart)]
    public async Task A_broken_promise_is_detected(Fault fault)
    {
        var failure = await Assert.ThrowsAsync<CsCheckException>(() => SampleAsync(fault));
        Assert.Contains("CsCheck_Seed", failure.Message);
    }

    [Fact]
    public Task A_store_that_keeps_every_promise_passes() => SampleAsync(Fault.None);

    // Always the same histories, so that no fault slips through by chance: a seed is the first history's alone.
    private static async Task SampleAsync(Fault fault)
    {
        for (var at = 0; at < Histories; at++)
        {
            var seed = string.Create(CultureInfo.InvariantCulture, $"0000KeepTheSe{at:D3}");
            await ModelCheck.SampleAsync(() => new FaultyThreePartitions(fault), histories: 1, seed);
        }
    }
}
