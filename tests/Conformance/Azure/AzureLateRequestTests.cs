using System.Text;
using Granary.Storage.AzureStorage;

namespace Granary.Tests.Conformance.Azure;

/// <summary>
/// A request that got no answer may land much later, when what it has written was deleted since: it changes nothing.
/// </summary>
public sealed class AzureLateRequestTests : AzureModelTest
{
    private const string Reader = "reader";

    // Where the process does not finish, the decisions of its commits stay.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Nothing_of_the_models_changes_when_a_request_lands_late(bool finishes)
    {
        var other = await OpenModelsAsync();
        var isWhole = false;
        for (var held = 1; !isWhole; held++)
        {
            var requests = new Requests();
            var models = await OpenModelsAsync(requests, time: new PassingTime());
            requests.Restart();
            requests.Held.Add(held);
            requests.Before = (request, _) => !finishes && IsForgetting(request)
                ? throw new HttpRequestException("The process does not finish.") : Task.CompletedTask;
            foreach (var runAsync in Steps(models))
            {
                await runAsync();
                var before = await StateAsync(other);
                var late = await requests.ReleaseAsync();
                var after = await StateAsync(other);
                Assert.True(
                    before == after, $"Request {held} landed late: {before} became {after}. {string.Concat(late)}");
            }

            isWhole = requests.HeldBack.Count == 0;
            Assert.InRange(held, 1, 150);
        }
    }

    [Fact]
    public async Task Nothing_of_the_checkpoints_changes_when_a_request_lands_late()
    {
        var other = new AzureCheckpointStore(await OpenAsync());
        var isWhole = false;
        for (var held = 1; !isWhole; held++)
        {
            var requests = new Requests();
            var checkpoints = new AzureCheckpointStore(await OpenAsync(requests, time: new PassingTime()));
            requests.Restart();
            requests.Held.Add(held);
            Func<Task>[] steps =
            [
                async () => Assert.True(await checkpoints.AdvanceAsync(new(Reader, default, new(0), new(1), 1), Token)),
                async () => await checkpoints.DeleteAsync(Reader, Token),
                async () => Assert.True(await checkpoints.AdvanceAsync(new(Reader, default, new(0), new(7), 0), Token)),
                async () => await checkpoints.DeleteAsync(Reader, Token),
                async () => await checkpoints.DeleteAsync(Reader, Token),
            ];
            foreach (var (runAsync, at) in steps.Zip([1L, 0, 7, 0, 0]))
            {
                await runAsync();
                await requests.ReleaseAsync();
                Assert.Equal(at, (await other.ReadAsync(Reader, default, Token))?.Position.Value ?? 0);
                Assert.Equal(at == 0 ? 0 : 1, (await other.ReadAllAsync(Token)).Count);
            }

            isWhole = requests.HeldBack.Count == 0;
            Assert.InRange(held, 1, 50);
        }
    }

    // A reader with its table, which are deleted; another one of the same names after it.
    private static IEnumerable<Func<Task>> Steps(AzureModelStore models)
    {
        yield return () => models.CreateTableAsync(Orders, Token).AsTask();
        yield return () => CommitAsync(models, 0, 1, "a", "b");
        yield return () => CommitAsync(models, 1, 2, "a");
        yield return () => CommitAsync(models, 2, 3);
        yield return () => models.DeleteCheckpointsAsync(Reader, Token).AsTask();
        yield return () => models.DropTableAsync(Orders.Name, Token).AsTask();
        yield return () => models.CreateTableAsync(Orders, Token).AsTask();
        yield return () => CommitAsync(models, 0, 4, "c");
        yield return () => models.DeleteCheckpointsAsync(Reader, Token).AsTask();
        yield return () => CommitAsync(models, 0, 5);
        yield return () => models.DeleteCheckpointsAsync(Reader, Token).AsTask();
        yield return () => models.DropTableAsync(Orders.Name, Token).AsTask();
    }

    /// <summary>Commits some rows, and deletes those that are there besides.</summary>
    private static async Task CommitAsync(AzureModelStore models, long from, long to, params string[] keys)
    {
        var there = keys.Length == 0 ? []
            : (await models.ReadAsync(Orders, ["a", "b", "c"], Token)).ToDictionary(static one => one.Key);
        var puts = keys.Select(key => ModelWrite.Put(Orders, key, there.GetValueOrDefault(key), Number(to), [to]));
        var deletes = there.Values.Where(one => !keys.Contains(one.Key)).Select(one => ModelWrite.Delete(Orders, one));
        var commit = new ModelCommit([.. puts, .. deletes])
        {
            Advance = new ModelAdvance(new CheckpointAdvance(Reader, default, new(from), new(to), 0), default, default),
        };
        Assert.Equal(ModelCommitOutcome.Committed, await models.CommitAsync(commit, Token));
    }

    /// <summary>What others see: the checkpoint, and the rows of the table.</summary>
    private static async Task<string> StateAsync(AzureModelStore models)
    {
        var state = new StringBuilder();
        foreach (var one in await models.ReadCheckpointsAsync(Token)) state.Append(one.Position).Append(" at ");
        try
        {
            foreach (var row in (await models.QueryAsync(new ModelQuery(Orders), Token)).Rows)
                state.Append(row.Key).Append(NumberOf(row));
        }
        catch (StoreSchemaException)
        {
            state.Append("no table");
        }

        return state.ToString();
    }

    private static bool IsForgetting(HttpRequestMessage request) => request.Method == HttpMethod.Delete
        && request.RequestUri!.AbsoluteUri.Contains("RowKey='d", StringComparison.OrdinalIgnoreCase);
}
