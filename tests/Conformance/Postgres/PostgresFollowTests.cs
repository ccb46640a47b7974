using System.Text;
using Granary.Storage.Postgres;
using static Granary.Tests.Conformance.Postgres.PostgresData;

namespace Granary.Tests.Conformance.Postgres;

/// <summary>
/// What expects no version is written after what another process has appended to its stream meanwhile, in the round
/// trip that finds it. What expects one, or was written before, is judged anew.
/// </summary>
public sealed class PostgresFollowTests : PostgresTest
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_expects_no_version_follows_what_another_process_has_appended(bool exists)
    {
        var (store, other) = await OpenTwoAsync();
        await CommitAsync(other, Data.Append("a", ExpectedVersion.Any, "2", "3"));
        await CommitAsync(other, Data.Append("theirs", ExpectedVersion.NoStream, "1"));
        var expected = exists ? ExpectedVersion.StreamExists : ExpectedVersion.Any;
        var batch = new AppendBatch(default, Noon,
        [
            Data.Append("b", ExpectedVersion.Exactly(new(1)), "2"),
            Data.Append("a", expected, "4", "5"),
            Data.Append("new", ExpectedVersion.NoStream, "1"),
            Data.Append("a", expected, "6"),
        ]);

        await store.CommitAsync(batch, Token);

        Assert.False(HasCaughtUp(store));
        Assert.All(batch.Results, static one => Assert.Equal(AppendOutcome.Appended, one.Outcome));
        Assert.Equal([2L, 5L, 1L, 6L], batch.Results.Select(static one => one.Version.Value));
        Assert.Equal([6L, 8L, 9L, 10L], batch.Results.Select(static one => one.Position.Position.Value));
        foreach (var reader in new[] { store, other, await Data.OpenAsync() })
        {
            Assert.Equal("123456", await TextOfAsync(reader, "a"));
            Assert.Equal("12", await TextOfAsync(reader, "b"));
        }
    }

    [Fact]
    public async Task A_clearing_follows_too_and_clears_what_has_come()
    {
        var (store, other) = await OpenTwoAsync();
        await CommitAsync(other, Data.Append("a", ExpectedVersion.Any, "2"));

        var cleared = await CommitAsync(store, Data.Clear("a"));

        Assert.False(HasCaughtUp(store));
        Assert.Equal((0, 4), (cleared.Version.Value, cleared.Position.Position.Value));
        Assert.Empty(await ReadAsync(other, "a"));
        var page = await other.ReadLogAsync(default, LogFilter.All, 10, Token);
        Assert.Equal([true, false, true, true], page.Events.Select(static one => one.IsTombstone));
        await CommitAsync(other, Data.Append("a", ExpectedVersion.NoStream, "1"));
        Assert.Equal("1", await TextOfAsync(store, "a"));
    }

    // It would write nothing, and what was appended before it was called would stay.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_clearing_of_what_was_empty_clears_what_has_come(bool isAlone)
    {
        var (store, other) = await OpenTwoAsync();
        await CommitAsync(store, Data.Clear("a"));
        await CommitAsync(other, Data.Append("a", ExpectedVersion.Any, "1"));
        var batch = new AppendBatch(default, Noon,
            isAlone ? [Data.Clear("a")] : [Data.Append("b", ExpectedVersion.Any, "2"), Data.Clear("a")]);

        await store.CommitAsync(batch, Token);

        var cleared = batch.Results[^1];
        Assert.Equal((0, isAlone ? 5 : 6), (cleared.Version.Value, cleared.Position.Position.Value));
        Assert.Empty(await ReadAsync(store, "a"));
        Assert.Empty(await ReadAsync(other, "a"));
    }

    [Fact]
    public async Task What_was_written_by_another_process_is_not_written_again()
    {
        var (store, other) = await OpenTwoAsync();
        var append = Data.Append("a", ExpectedVersion.Any, "2");
        var first = await CommitAsync(other, append);
        await CommitAsync(other, Data.Append("a", ExpectedVersion.Any, "3"));

        var retried = await CommitAsync(store, append);

        Assert.Equal(first with { Outcome = AppendOutcome.AlreadyAppended }, retried);
        Assert.Equal("123", await TextOfAsync(store, "a"));
    }

    // A copied append is recorded no earlier than what has come.
    [Fact]
    public async Task Each_append_that_follows_is_answered_with_its_own_time()
    {
        var (store, other) = await OpenTwoAsync();
        await other.CommitAsync(Data.Append("a", ExpectedVersion.Any, "2"), Noon.AddHours(1), Token);
        var batch = new AppendBatch(default, Noon.AddHours(3),
        [
            Copied(Noon.AddMinutes(1), "3"), Copied(Noon.AddHours(2), "4", "5"),
            Data.Append("b", ExpectedVersion.Exactly(new(1)), "2"),
        ]);

        await store.CommitAsync(batch, Token);

        Assert.False(HasCaughtUp(store));
        DateTimeOffset[] times = [Noon.AddHours(1), Noon.AddHours(2), Noon.AddHours(3)];
        Assert.Equal(times, batch.Results.Select(static one => one.Timestamp));
        Assert.Equal(
            [times[0], times[1], times[1]],
            (await ReadAsync(other, "a")).Skip(2).Select(static one => one.Timestamp));
        Assert.Equal(Noon.AddHours(1), (await CommitAsync(store, batch.Appends[0])).Timestamp);
    }

    [Fact]
    public async Task A_version_that_was_met_and_is_not_any_more_conflicts()
    {
        var (store, other) = await OpenTwoAsync();
        await CommitAsync(other, Data.Append("a", ExpectedVersion.Any, "2"));
        var batch = new AppendBatch(default, Noon,
        [
            Data.Append("a", ExpectedVersion.Exactly(new(1)), "refused"),
            Data.Append("a", ExpectedVersion.Any, "3"),
            Data.Append("a", ExpectedVersion.Exactly(new(3)), "4"),
            Data.Append("a", ExpectedVersion.Exactly(new(3)), "refused"),
        ]);

        await store.CommitAsync(batch, Token);

        Assert.Equal(
            [AppendOutcome.Conflict, AppendOutcome.Appended, AppendOutcome.Appended, AppendOutcome.Conflict],
            batch.Results.Select(static one => one.Outcome));
        Assert.Equal([2L, 3L, 4L, 4L], batch.Results.Select(static one => one.Version.Value));
        Assert.Equal("1234", await TextOfAsync(store, "a"));
    }

    // One of them alone could follow; the other is judged by the version that it would have had.
    [Fact]
    public async Task What_is_refused_or_met_beside_it_in_the_batch_is_judged_by_what_has_come()
    {
        var (store, other) = await OpenTwoAsync();
        await CommitAsync(other, Data.Append("a", ExpectedVersion.Any, "2"));
        var batch = new AppendBatch(default, Noon,
        [
            Data.Append("a", ExpectedVersion.Any, "3"),
            Data.Append("a", ExpectedVersion.Exactly(new(3)), "4"),
        ]);

        await store.CommitAsync(batch, Token);

        Assert.All(batch.Results, static one => Assert.Equal(AppendOutcome.Appended, one.Outcome));
        Assert.Equal("1234", await TextOfAsync(store, "a"));
    }

    [Theory]
    [InlineData(true, AppendOutcome.Conflict)]
    [InlineData(false, AppendOutcome.Appended)]
    public async Task A_stream_that_another_process_has_cleared_begins_again_or_does_not_exist(
        bool exists, AppendOutcome outcome)
    {
        var (store, other) = await OpenTwoAsync();
        await CommitAsync(other, Data.Clear("a"));

        var result = await CommitAsync(
            store, Data.Append("a", exists ? ExpectedVersion.StreamExists : ExpectedVersion.Any, "1"));

        Assert.Equal((outcome, exists ? 0 : 1), (result.Outcome, result.Version.Value));
        Assert.Equal(exists ? "" : "1", await TextOfAsync(other, "a"));
    }

    private Append Copied(DateTimeOffset recordedAt, params string[] texts)
    {
        var append = Data.Append("a", ExpectedVersion.Any, texts);
        return new Append(append.Stream, append.Expected, append.Id, append.Events) { RecordedAt = recordedAt };
    }

    // Each knows "a" at version 1 and "b" at version 1.
    private async Task<(PostgresEventStore Store, PostgresEventStore Other)> OpenTwoAsync()
    {
        var (store, other) = (await Data.OpenAsync(), await Data.OpenAsync());
        await CommitAsync(store, Data.Append("a", ExpectedVersion.NoStream, "1"));
        await CommitAsync(store, Data.Append("b", ExpectedVersion.NoStream, "1"));
        return (store, other);
    }

    private static bool HasCaughtUp(PostgresEventStore store) => store.Partitions[0].Known > 2;

    private static async Task<string> TextOfAsync(IEventStore store, string key) => string.Concat(
        (await ReadAsync(store, key)).Select(static one => Encoding.UTF8.GetString(one.Payload.Span)));
}
