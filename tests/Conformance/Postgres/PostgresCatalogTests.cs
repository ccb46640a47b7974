using static Granary.Tests.Conformance.Postgres.PostgresData;

namespace Granary.Tests.Conformance.Postgres;

/// <summary>A page of the names of streams is short, however few are of its category.</summary>
public sealed class PostgresCatalogTests : PostgresTest
{
    private const int Streams = 10_000;

    [Fact]
    public async Task A_page_ends_where_it_has_looked_at_enough_streams_and_the_next_one_continues_there()
    {
        var store = await Data.OpenAsync();
        await Data.ExecuteAsync($$"""
            INSERT INTO {schema}.streams (stream, hash, category, key)
            SELECT n * 64, sha256(('order/' || n)::bytea), 'order', n::text::bytea
            FROM generate_series(1, {{Streams}}) n;
            UPDATE {schema}.streams SET category = 'rare', hash = sha256(('rare/' || convert_from(key, 'UTF8'))::bytea)
            WHERE key IN ('9000', '{{Streams}}');
            """);

        var (found, pages) = (new List<StreamName>(), 0);
        for (StreamName? after = null; pages == 0 || after is not null; pages++)
        {
            var page = await store.ReadStreamsAsync("rare", after, 10, Token);
            found.AddRange(page.Streams);
            after = page.Next;
        }

        Assert.Equal(["rare/9000", $"rare/{Streams}"], found.Select(static one => one.ToString()));
        Assert.Equal(3, pages);
    }
}
