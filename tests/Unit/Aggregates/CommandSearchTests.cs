using Granary.Runtime;
using Granary.Tests.Unit.Ledger;
using Microsoft.Extensions.Time.Testing;

namespace Granary.Tests.Unit.Aggregates;

/// <summary>Finding a command in a stream's events, however many came after it.</summary>
public sealed class CommandSearchTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly ScriptedEventStore _store = new(new MemoryEventStore());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static StreamName Stream { get; } = new("account", "a");

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(1_500)]
    public async Task A_command_is_found_with_its_answer_however_many_came_after_it(int others)
    {
        var causedAt = _time.GetUtcNow();
        for (var at = 0; at < 40; at++) await AppendAsync($"before-{at}");
        await AppendAsync("debit", "5");
        for (var at = 0; at < others; at++) await AppendAsync($"other-{at}");

        Assert.Equal(new RememberedCommand("debit", "print", "5"), await FindAsync("debit", causedAt));
        Assert.Null(await FindAsync("credit", causedAt));
    }

    [Fact]
    public async Task The_first_and_the_last_event_of_a_stream_are_looked_at()
    {
        foreach (var id in (string[])["first", "middle", "last"]) await AppendAsync(id);
        foreach (var id in (string[])["first", "middle", "last"])
            Assert.Equal(id, (await FindAsync(id, _time.GetUtcNow()))?.Id);
    }

    [Fact]
    public async Task What_is_older_than_the_cause_is_not_read()
    {
        for (var at = 0; at < 1_500; at++) await AppendAsync($"before-{at}");
        _time.Advance(TimeSpan.FromHours(1));
        var causedAt = _time.GetUtcNow();
        await AppendAsync("after");

        Assert.Null(await FindAsync("before-0", causedAt));
        Assert.Equal(1, _store.StreamReads);
    }

    [Fact]
    public async Task A_command_is_found_where_the_clock_of_its_silo_was_a_minute_behind_that_of_its_cause()
    {
        await AppendAsync("debit");
        for (var at = 0; at < 1_500; at++) await AppendAsync($"other-{at}");

        Assert.NotNull(await FindAsync("debit", _time.GetUtcNow() + CommandSearch.ClockDifferenceMax));
        Assert.Null(await FindAsync(
            "debit", _time.GetUtcNow() + CommandSearch.ClockDifferenceMax + TimeSpan.FromTicks(10)));
    }

    [Fact]
    public async Task Where_events_since_the_cause_were_removed_it_is_not_known()
    {
        var causedAt = _time.GetUtcNow();
        for (var at = 1; at <= 100; at++)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            await AppendAsync($"other-{at}");
        }

        await TruncateAsync(new(50));
        var fault = await Assert.ThrowsAsync<StreamTruncatedException>(() => FindAsync("debit", causedAt));
        Assert.Equal((49, 50), (fault.Requested.Value, fault.First.Value));
        Assert.Contains("debit", fault.Message);
        await Assert.ThrowsAsync<StreamTruncatedException>(() => FindAsync("other-49", causedAt));

        // Of what is left, and of a cause after what was removed, it is known.
        Assert.Equal("other-50", (await FindAsync("other-50", causedAt))?.Id);
        Assert.Null(await FindAsync("debit", causedAt.AddMinutes(52)));
    }

    [Fact]
    public async Task A_stream_without_events_has_none() => Assert.Null(await FindAsync("debit", default));

    private Task<RememberedCommand?> FindAsync(string id, DateTimeOffset causedAt) =>
        CommandSearch.FindAsync(_store, Stream, id, causedAt, Token).AsTask();

    private async Task AppendAsync(string command, string answer = "null")
    {
        var happened = new NewEvent(_time, "happened", "{}"u8.ToArray())
        {
            Metadata = CommandMemory.Describe(new Command(command, "print"), answer),
        };
        await _store.CommitAsync(
            new Append(Stream, ExpectedVersion.Any, AppendId.New(_time), [happened]), _time.GetUtcNow(), Token);
    }

    private async Task TruncateAsync(StreamVersion before)
    {
        var page = await _store.ReadStreamForwardAsync(Stream, new(before.Value - 1), 1, Token);
        var stays = page.Events[0];
        Assert.True(await _store.TruncateAsync(new Truncation(Stream, before, stays.Position, null), Token));
    }
}
