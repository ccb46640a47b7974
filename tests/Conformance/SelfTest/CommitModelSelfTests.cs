using System.Globalization;
using CsCheck;

namespace Granary.Tests.Conformance.SelfTest;

/// <summary>The model-based test of model stores detects broken promises too.</summary>
public sealed class CommitModelSelfTests
{
    private const int Histories = 200;

    [Theory]
    [InlineData(Fault.WritesWithoutMoving)]
    [InlineData(Fault.MovesWithoutRows)]
    [InlineData(Fault.ForgetsTheStoreOfACheckpoint)]
    [InlineData(Fault.CommitsFromAnywhere)]
    [InlineData(Fault.WritesRowsThoughOvertaken)]
    [InlineData(Fault.ForgetsTheEpochOfModels)]
    [InlineData(Fault.ForgetsRevisions)]
    [InlineData(Fault.LandsHalfOfACommit)]
    [InlineData(Fault.KeepsOldDocuments)]
    [InlineData(Fault.KeepsDeletedRows)]
    [InlineData(Fault.RefusesACommitThatLanded)]
    [InlineData(Fault.AppliesACommitAgain)]
    [InlineData(Fault.TakesTheSameMoveForARetry)]
    [InlineData(Fault.LosesWhatNeedNotSurvive)]
    [InlineData(Fault.CommitsModelsThoughCancelled)]
    [InlineData(Fault.EmptiesATableThatIsThere)]
    [InlineData(Fault.KeepsDroppedTables)]
    [InlineData(Fault.KeepsModelsInTheProcess)]
    [InlineData(Fault.BeginsModelsAnewAtEachStart)]
    [InlineData(Fault.KeepsOldColumns)]
    [InlineData(Fault.SkipsTies)]
    [InlineData(Fault.OrdersNullLast)]
    [InlineData(Fault.ReversesNoKeys)]
    [InlineData(Fault.ForgetsConditionsAfterAPage)]
    [InlineData(Fault.NamesANextPageAlways)]
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
            await CommitModelCheck.SampleAsync(() => new FaultyThreePartitions(fault), histories: 1, seed);
        }
    }
}
