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
}
