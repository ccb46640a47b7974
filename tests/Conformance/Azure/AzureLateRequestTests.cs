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

    [Fact]
    public async Task Nothing_of_the_log_changes_when_a_request_lands_late()
    {
        var other = await OpenAsync();
        var streams = StreamsIn(other, new(0), 150);
        var isWhole = false;
        for (var held = 1; !isWhole; held++)
        {
            var requests = new Requests();
            var store = await OpenAsync(requests, time: new PassingTime());
            var start = (await other.ReadLogAsync(LogPosition.StartOf(new(0)), LogFilter.All, 1, Token)).End;
            requests.Restart();
            requests.Held.Add(held);
            foreach (var runAsync in Steps(store, streams[held]))
            {
                await runAsync();
                var before = await StateAsync(other, streams[held], start);
                var late = await requests.ReleaseAsync();
                var after = await StateAsync(other, streams[held], start);
                Assert.True(
                    before == after, $"Request {held} landed late: {before} became {after}. {string.Concat(late)}");
            }

            isWhole = requests.HeldBack.Count == 0;
            Assert.InRange(held, 1, streams.Length - 1);
        }
    }

    // A stream that is truncated and cleared, with what is scrubbed after it.
    private IEnumerable<Func<Task>> Steps(AzureEventStore store, StreamName stream)
    {
        var (answer, snapshots) = (default(AppendResult), new AzureSnapshotStore(store));
        async Task AppendAsync(params string[] texts) =>
            answer = await CommitAsync(store, Append(stream, ExpectedVersion.Any, texts));
        async Task ScrubAsync()
        {
            while (await store.ScrubAsync(2, Token))
            {
                // It has more.
            }
        }

        Snapshot Snapshot(string state) => new()
        {
            Stream = stream,
            Version = answer!.Version,
            Position = answer.Position,
            Timestamp = Noon,
            Fingerprint = "f",
            Checksum = 1,
            Payload = Encoding.UTF8.GetBytes(state),
        };
        yield return () => AppendAsync("a", Large, "c");
        yield return () => snapshots.WriteSnapshotAsync(Snapshot("first"), Token).AsTask();
        yield return () => AppendAsync("d", Large);
        yield return async () => Assert.True(
            await store.TruncateAsync(new(stream, answer!.Version, answer.Position, Snapshot("base")), Token));
        yield return ScrubAsync;
        yield return () => AppendAsync("f");
        yield return () => snapshots.WriteSnapshotAsync(Snapshot("second"), Token).AsTask();
        yield return () => store.CommitAsync(
            Granary.Append.Clear(stream, ExpectedVersion.Any, new(NextId())), Noon, Token).AsTask();
        yield return ScrubAsync;
        yield return () => store.BeginEpochAsync(new(0), Token).AsTask();
        yield return () => AppendAsync("g");
        yield return () => snapshots.WriteSnapshotAsync(Snapshot("third"), Token).AsTask();
    }

    /// <summary>What others see: the epoch, the log, the stream, and what of it is there.</summary>
    private static async Task<string> StateAsync(
        AzureEventStore store, StreamName stream, GlobalPosition start)
    {
        var state = new StringBuilder();
        var head = await store.ReadHeadAsync(stream, Token);
        var snapshot = await new AzureSnapshotStore(store).ReadSnapshotAsync(stream, new(99), null, Token);
        state.Append(await store.ReadEpochAsync(new(0), Token)).Append(head)
            .Append(snapshot is null ? "" : Encoding.UTF8.GetString(snapshot.Payload.Span)).Append(snapshot?.Version);
        await foreach (var one in store.ReadLogAsync(new LogPosition(new(0), start), Token))
            state.Append(one.Payload.IsEmpty ? "-" : Encoding.UTF8.GetString(one.Payload.Span)[..1]);
        if (head.Version == StreamVersion.Zero) return state.ToString();
        await foreach (var one in store.ReadStreamAsync(stream, new(head.First.Value - 1), Token))
            state.Append(Encoding.UTF8.GetString(one.Payload.Span)[..1]);
        return state.ToString();
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
