using CsCheck;

namespace Granary.Testing.Conformance.Model;

/// <summary>
/// Random histories of commits of models, their retries, takeovers, dropped tables, crashes and orderly ends, by two
/// instances in turn, against a plain list. A failure shows the shortest history found and its seed:
/// CsCheck_Seed=... repeats it.
/// </summary>
public abstract class CommitModelConformance<TStore>
    where TStore : TestStore, new()
{
    [Fact]
    public async Task Random_commits_are_answered_as_the_model_answers_them()
    {
        await using (var data = new TStore())
        {
            Assert.SkipWhen(data.SkipReason is not null, data.SkipReason ?? "");
            Assert.SkipWhen((await data.OpenAsync()).Models is null, "The store keeps no models.");
        }

        await CommitModelCheck.SampleAsync(static () => new TStore(), histories: 150);
    }
}

internal static class CommitModelCheck
{
    public static Task SampleAsync(Func<TestStore> create, int histories, string? seed = null) =>
        CommitHistory.Any.SampleAsync(
            async history =>
            {
                await using var data = create();
                await new CommitRun(data).PlayAsync(history);
            },
            iter: histories,
            threads: 1,
            seed: seed,
            print: static history => Environment.NewLine + string.Join<CommitStep>(Environment.NewLine, history));
}
