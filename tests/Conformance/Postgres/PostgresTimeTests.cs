using Granary.Runtime;
using static Granary.Tests.Conformance.Postgres.PostgresData;

namespace Granary.Tests.Conformance.Postgres;

/// <summary>What is copied and what is new in one batch is recorded as the reference records it.</summary>
public sealed class PostgresTimeTests : PostgresTest
{
    [Fact]
    public async Task Every_answer_and_every_event_has_the_time_that_the_memory_store_gives_it()
    {
        var (store, reference) = (await Data.OpenAsync(), new MemoryEventStore());
        Append[] first = [Data.Append("a", ExpectedVersion.NoStream, "1"), Data.Append("b", ExpectedVersion.Any, "1")];
        var plain = Data.Append("a", ExpectedVersion.Any, "2", "3");
        var copied = At(-9, Data.Append("c", ExpectedVersion.Any, "1", "2"));
        Append[] mixed =
        [
            At(-10, Data.Append("a", ExpectedVersion.Exactly(new(9)), "refused")), At(-13, Data.Clear("none")), copied,
            At(-8, copied), At(-7, Data.Append("d", ExpectedVersion.NoStream, "1")),
            At(-8, Data.Append("d", ExpectedVersion.NoStream, "refused")), At(-6, Data.Clear("b")),
            At(-5, Data.Append("d", ExpectedVersion.Any, "2")), plain, At(5, plain), At(6, Data.Clear("d")),
            At(4, Data.Append("a", ExpectedVersion.NoStream, "refused")), Data.Append("e", ExpectedVersion.Any, "1"),
            At(-4, Data.Append("c", ExpectedVersion.Any, "3")), At(7, first[0]),
        ];

        foreach (var (hours, appends) in new[] { (-12, first), (0, mixed), (1, [.. mixed.Skip(1)]) })
        {
            var batch = new AppendBatch(default, Noon.AddHours(hours), appends);
            var expected = new AppendBatch(default, Noon.AddHours(hours), appends);
            await store.CommitAsync(batch, Token);
            await reference.CommitAsync(expected, Token);
            Assert.Equal(expected.Results, batch.Results);
        }

        Assert.Equal(await TimesAsync(reference), await TimesAsync(store));
        Assert.Equal(
            new[] { -12, -9, -7, -6, -5, 0 }.Select(static hours => Noon.AddHours(hours)),
            (await TimesAsync(store)).Distinct());
    }

    private static Append At(int hours, Append append) => append.ClearsStream
        ? Append.Clear(append.Stream, append.Expected, append.Id, Noon.AddHours(hours))
        : new(append.Stream, append.Expected, append.Id, append.Events) { RecordedAt = Noon.AddHours(hours) };

    private static async Task<DateTimeOffset[]> TimesAsync(IEventStore store) =>
        [.. (await store.ReadLogAsync(default, LogFilter.All, 100, Token)).Events.Select(static one => one.Timestamp)];
}
