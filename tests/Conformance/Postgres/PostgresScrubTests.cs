using static Granary.Tests.Conformance.Postgres.PostgresData;

namespace Granary.Tests.Conformance.Postgres;

/// <summary>A step that scrubs is short, whatever was cleared.</summary>
public sealed class PostgresScrubTests : PostgresTest
{
    private const int Mebibyte = 1024 * 1024;

    [Fact]
    public async Task A_step_over_large_events_ends_earlier()
    {
        var store = await Data.OpenAsync();
        var large = new string('x', Mebibyte - 10);
        for (var at = 0; at < 10; at++) await CommitAsync(store, Data.Append("a", ExpectedVersion.Any, large));
        await CommitAsync(store, Data.Clear("a"));

        var steps = 1;
        for (; await store.ScrubAsync(2_000, Token); steps++) Assert.InRange(steps, 1, 10);

        Assert.Equal(2, steps);
        Assert.Equal(0L, await Data.ScalarAsync<long>("SELECT count(*) FROM {schema}.log WHERE payload <> ''"));
    }

    // Else each silo would call for as long as the other one's step takes.
    [Fact]
    public async Task What_another_process_scrubs_now_is_left_to_it()
    {
        var store = await Data.OpenAsync();
        await CommitAsync(store, Data.Append("a", ExpectedVersion.NoStream, "1", "2"));
        await CommitAsync(store, Data.Clear("a"));
        await using (var other = await Data.ConnectAsync())
        {
            await using var transaction = await other.BeginTransactionAsync(Token);
            await using var command = other.CreateCommand();
            command.CommandText = $"SELECT FROM {Data.Schema}.clearings FOR UPDATE";
            await command.ExecuteNonQueryAsync(Token);
            Assert.False(await store.ScrubAsync(1, Token));
        }

        Assert.True(await store.ScrubAsync(1, Token));
        Assert.False(await store.ScrubAsync(1, Token));
        Assert.Equal(0L, await Data.ScalarAsync<long>("SELECT count(*) FROM {schema}.log WHERE payload <> ''"));
    }

    [Fact]
    public async Task A_damaged_generation_keeps_no_other_from_being_scrubbed()
    {
        var store = await Data.OpenAsync();
        foreach (var key in (string[])["a", "b"])
        {
            await CommitAsync(store, Data.Append(key, ExpectedVersion.NoStream, "1", "2", "3"));
            await CommitAsync(store, Data.Clear(key));
        }

        await Data.ExecuteAsync("UPDATE {schema}.log SET stream = 1 WHERE position = 2");
        while (await store.ScrubAsync(1, Token))
        {
            if (await Data.ScalarAsync<long>("SELECT count(*) FROM {schema}.log WHERE payload <> ''") == 2) break;
        }

        var fault = await Assert.ThrowsAsync<StoreCorruptException>(() => store.ScrubAsync(10, Token).AsTask());
        Assert.Contains("position 2 of partition 0", fault.Message, StringComparison.Ordinal);
        Assert.Equal(2L, await Data.ScalarAsync<long>("SELECT max(position) FROM {schema}.log WHERE payload <> ''"));
    }

    // A stream of which the last n events are kept is truncated again and again; a removed event is overwritten once.
    [Theory]
    [InlineData(false, 1)]
    [InlineData(false, 10)]
    [InlineData(true, 1)]
    [InlineData(true, 10)]
    public async Task What_an_earlier_truncation_has_removed_is_not_scrubbed_again(bool isCleared, int step)
    {
        var store = await Data.OpenAsync();
        await CommitAsync(store, Data.Append("a", ExpectedVersion.NoStream, "1", "2", "3", "4", "5", "6"));
        await TruncateAsync(store, 3);
        while (await store.ScrubAsync(step, Token)) Assert.Equal(1L, await PendingAsync());
        await Data.ExecuteAsync("UPDATE {schema}.log SET payload = 'seen' WHERE position = 2");

        await TruncateAsync(store, 4);
        await TruncateAsync(store, 5);
        if (isCleared) await CommitAsync(store, Data.Clear("a"));
        while (await store.ScrubAsync(step, Token)) Assert.InRange(await PendingAsync(), 1, 3);

        Assert.Equal(isCleared ? "seen" : "seen56", await Data.ScalarAsync<string>(
            "SELECT string_agg(convert_from(payload, 'UTF8'), '' ORDER BY position) FROM {schema}.log"));
        Assert.Equal(0L, await PendingAsync());
        Assert.Equal(isCleared ? 0L : 1L, await Data.ScalarAsync<long>("SELECT count(*) FROM {schema}.truncations"));
    }

    [Fact]
    public async Task A_truncation_that_another_process_scrubs_now_is_left_to_it_and_keeps_no_clearing_waiting()
    {
        var store = await Data.OpenAsync();
        await CommitAsync(store, Data.Append("a", ExpectedVersion.NoStream, "1", "2", "3"));
        await CommitAsync(store, Data.Append("b", ExpectedVersion.NoStream, "4"));
        await TruncateAsync(store, 3);
        await CommitAsync(store, Data.Clear("b"));
        await using (await HeldTransaction.BeginAsync(
            await Data.ConnectAsync(), $"SELECT FROM {Data.Schema}.truncations FOR UPDATE"))
        {
            Assert.True(await store.ScrubAsync(1, Token));
            Assert.False(await store.ScrubAsync(1, Token));
        }

        Assert.Equal(3L, await Data.ScalarAsync<long>("SELECT count(*) FROM {schema}.log WHERE payload <> ''"));
        Assert.True(await store.ScrubAsync(1, Token));
        Assert.False(await store.ScrubAsync(1, Token));
        Assert.Equal(1L, await Data.ScalarAsync<long>("SELECT count(*) FROM {schema}.log WHERE payload <> ''"));
    }

    // Its version is one of the new generation too.
    [Fact]
    public async Task A_truncation_from_before_a_clearing_that_is_not_scrubbed_yet_hides_nothing_from_the_next_one()
    {
        var store = await Data.OpenAsync();
        await CommitAsync(store, Data.Append("a", ExpectedVersion.NoStream, "1", "2", "3", "4"));
        await TruncateAsync(store, 4);
        await CommitAsync(store, Data.Clear("a"));
        await CommitAsync(store, Data.Append("a", ExpectedVersion.NoStream, "1", "2", "3", "4", "5"));
        await TruncateAsync(store, 5, position: 10);
        await using (await HeldTransaction.BeginAsync(
            await Data.ConnectAsync(), $"SELECT FROM {Data.Schema}.truncations WHERE version = 4 FOR UPDATE"))
        {
            Assert.True(await store.ScrubAsync(10, Token));
            Assert.False(await store.ScrubAsync(10, Token));
        }

        Assert.Equal(0L, await Data.ScalarAsync<long>(
            "SELECT count(*) FROM {schema}.log WHERE payload <> '' AND position BETWEEN 6 AND 9"));
        Assert.False(await store.ScrubAsync(10, Token));
        Assert.Equal(1L, await Data.ScalarAsync<long>("SELECT count(*) FROM {schema}.log WHERE payload <> ''"));
    }

    private static async Task TruncateAsync(IEventStore store, long before, long? position = null)
    {
        var stays = new LogPosition(default, new(position ?? before));
        Assert.True(await store.TruncateAsync(new(new("order", "a"), new(before), stays), Token));
    }

    private Task<long> PendingAsync() => Data.ScalarAsync<long>("""
        SELECT (SELECT count(*) FROM {schema}.clearings WHERE unscrubbed > 0)
          + (SELECT count(*) FROM {schema}.truncations WHERE unscrubbed > 0)
        """);
}
