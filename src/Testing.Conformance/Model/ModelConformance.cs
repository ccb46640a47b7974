using CsCheck;

namespace Granary.Testing.Conformance.Model;

/// <summary>
/// Random histories of batches, retries, clearings, snapshots, crashes and orderly ends, by two instances in turn,
/// against a plain model. A failure shows the shortest history found and its seed: CsCheck_Seed=... repeats it.
/// </summary>
public abstract class ModelConformance<TStore>
    where TStore : TestStore, new()
{
    [Fact]
    public async Task Random_histories_are_answered_as_the_model_answers_them()
    {
        await using (var data = new TStore()) Assert.SkipWhen(data.SkipReason is not null, data.SkipReason ?? "");
        await ModelCheck.SampleAsync(static () => new TStore(), histories: 150);
    }
}

internal static class ModelCheck
{
    public static async Task SampleAsync(Func<TestStore> create, int histories, string? seed = null)
    {
        int partitions;
        await using (var store = create()) partitions = store.Partitions;
        await History.Of(partitions).SampleAsync(
            async history =>
            {
                await using var data = create();
                await new ModelRun(data).PlayAsync(history);
            },
            iter: histories,
            threads: 1,
            seed: seed,
            print: static history => Environment.NewLine + string.Join<Step>(Environment.NewLine, history));
    }
}
