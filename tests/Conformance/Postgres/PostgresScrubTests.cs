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
}
