using Granary.Storage.AzureStorage;

namespace Granary.Tests.Conformance.Azure;

/// <summary>
/// Several owners of one checkpoint commit at once, over connections that lose, fail and hold back requests at random.
/// Each commit adds one to some rows, as a projection that counts does.
/// </summary>
public sealed class AzureModelChaosTests : AzureModelTest
{
    private const int Owners = 3, Rows = 4, Commits = 40;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Each_event_counts_once_whatever_becomes_of_requests(int seed)
    {
        var other = await OpenModelsAsync();
        await other.CreateTableAsync(Orders, Token);
        var (owners, all) = (new List<Task<int>>(), new List<Requests>());
        for (var at = 0; at < Owners; at++)
        {
            var (requests, random) = (new Requests(), new Random((seed * Owners) + at));
            all.Add(requests);
            var models = await OpenModelsAsync(requests, time: new PassingTime());
            int Next()
            {
                lock (random) return random.Next(100);
            }

            requests.Before = (_, number) =>
            {
                var some = Next() switch { < 4 => requests.Lost, < 8 => requests.Held, _ => null };
                if (some is null) return Task.CompletedTask;
                lock (some) some.Add(number);
                return Task.CompletedTask;
            };
            requests.FateOf = _ => Next() < 4 ? Fate.SentButBusy : Fate.Sent;
            owners.Add(Task.Run(() => OwnAsync(models, requests), Token));
        }

        // Positions only grow, and rows are never older than the checkpoint that was read.
        var (seen, watching) = (0L, Task.WhenAll(owners));
        while (!watching.IsCompleted)
        {
            var position = (await other.ReadCheckpointAsync("reader", default, Token))?.Position.Value ?? 0;
            Assert.InRange(position, seen, Commits);
            seen = position;
            var rows = await CountsAsync(other);
            for (var row = 0; row < Rows; row++) Assert.True(rows[row] >= Expected(row, seen), $"{row} at {seen}");
        }

        // One that was sent again after another owner went on is answered that it was overtaken.
        Assert.InRange((await watching).Sum(), 1, Commits);
        foreach (var requests in all) await requests.ReleaseAsync();
        var ended = await CountsAsync(other);
        for (var row = 0; row < Rows; row++) Assert.Equal(Expected(row, Commits), ended[row]);
        Assert.Equal(Commits, (await other.ReadCheckpointAsync("reader", default, Token))?.Position.Value);
    }

    // Owns the checkpoint whenever it can, until all is done; how many commits it was confirmed.
    private static async Task<int> OwnAsync(AzureModelStore models, Requests requests)
    {
        for (var confirmed = 0; ;)
        {
            var at = (await models.ReadCheckpointAsync("reader", default, Token))?.Position.Value ?? 0;
            if (at == Commits) return confirmed;
            var there = (await models.ReadAsync(Orders, [.. Keys(at)], Token)).ToDictionary(static one => one.Key);
            var commit = new ModelCommit(Keys(at).Select(key => there.TryGetValue(key, out var row)
                ? ModelWrite.Put(Orders, key, row, Number(NumberOf(row) + 1), [NumberOf(row) + 1])
                : ModelWrite.Put(Orders, key, null, Number(1), [1L])).ToArray()) { Advance = Move(at) };
            while (true)
            {
                try
                {
                    if (await models.CommitAsync(commit, Token) == ModelCommitOutcome.Committed) confirmed++;
                    break;
                }
                catch (StoreUnavailableException)
                {
                    // The same commit again.
                }
            }

            List<HttpRequestMessage> some;
            lock (requests.HeldBack) some = [.. requests.HeldBack];
            if (some.Count > 3) await requests.ReleaseAsync();
        }
    }

    private static IEnumerable<string> Keys(long at) =>
        Enumerable.Range(0, Rows).Where(row => (at + row) % (row + 1) == 0).Select(static row => $"{row}");

    private static long Expected(int row, long commits) =>
        Enumerable.Range(0, (int)commits).Count(at => Keys(at).Contains($"{row}"));

    private static async Task<long[]> CountsAsync(AzureModelStore models)
    {
        var rows = (await models.QueryAsync(new ModelQuery(Orders), Token)).Rows.ToDictionary(static one => one.Key);
        return [.. Enumerable.Range(0, Rows).Select(row =>
            rows.TryGetValue($"{row}", out var one) ? NumberOf(one) : 0)];
    }
}
