using System.Text;
using Granary.Runtime;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using static Granary.Tests.Unit.Adoption.NewSystem;

namespace Granary.Tests.Unit.Adoption;

/// <summary>A grain that was on Orleans' LogStorage has its whole log on Granary, once.</summary>
public sealed class LogStorageTests(OldLogs logs) : IClassFixture<OldLogs>
{
    private readonly OldStorage _old = logs.Logs;

    [Fact]
    public async Task The_whole_log_is_adopted_in_order_by_one_append()
    {
        var system = new NewSystem(_old);
        var before = _old["short"];
        await using var cluster = await system.StartAsync();

        Assert.Equal(["one", "two", "three"], await Pages(cluster, "short").Read());

        Assert.Equal(["one", "two", "three"], await system.ReadTextsAsync("short"));
        Assert.Equal(1, system.Store.Commits);
        Assert.Equal(before, _old["short"]);
        Assert.Equal(0, _old.Writes);
        Assert.Equal(4, await Pages(cluster, "short").Add("four"));
    }

    [Fact]
    public async Task Events_that_are_too_large_for_one_append_take_two()
    {
        var system = new NewSystem(_old);
        await using var cluster = await system.StartAsync();

        Assert.Equal(OldLogs.HeavyTexts, await Pages(cluster, "heavy").Read());

        Assert.Equal(2, system.Store.Commits);
    }

    [Fact]
    public async Task A_codec_of_the_application_s_own_encodes_them()
    {
        var system = new NewSystem(_old);
        await using var cluster = await system.StartAsync(static granary =>
        {
            granary.AdoptLogStorage(OldStorage.Name);
            granary.Services.AddSingleton<IEventCodec<IPageEvent>, ReversingCodec>();
        });

        Assert.Equal(["eno", "owt", "eerht"], await Pages(cluster, "short").Read());

        Assert.Equal(
            ["ENO", "OWT", "EERHT"],
            (await system.ReadAsync("short")).Select(static one => Encoding.UTF8.GetString(one.Payload.Span)));
    }

    [Fact]
    public async Task Adopted_events_have_the_time_of_the_adoption_and_are_marked()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var system = new NewSystem(_old);
        await using var cluster = await system.StartAsync(time: time);
        RequestContext.Set("actor", "who calls first");

        await Pages(cluster, "short").Read();

        var events = await system.ReadAsync("short");
        Assert.All(events, one => Assert.Equal(time.GetUtcNow(), one.Timestamp));
        Assert.Equal(
            ["1/3", "2/3", "3/3"], events.Select(static one => one.Metadata.Find("granary.adopted")));
        Assert.All(events, static one => Assert.Equal(OldStorage.Name, one.Metadata.Find("granary.adoptedFrom")));
        Assert.All(events, static one => Assert.Null(one.Metadata.Actor));
        Assert.Equal(3, events.Select(static one => one.Id).Distinct().Count());
    }

    [Fact]
    public async Task A_stream_with_events_costs_no_read_more()
    {
        var system = new NewSystem(_old);
        await using (var first = await system.StartAsync()) await Pages(first, "short").Read();
        var (oldReads, heads, streams) = (_old.Reads, system.Limited.HeadReads, system.Store.StreamReads);

        await using var next = await system.StartAsync();
        Assert.Equal(["one", "two", "three"], await Pages(next, "short").Read());

        Assert.Equal((oldReads, heads, streams + 1), (_old.Reads, system.Limited.HeadReads, system.Store.StreamReads));
    }

    [Theory]
    [InlineData("new")]
    [InlineData("cleared")]
    public async Task A_grain_without_an_old_log_starts_empty_with_one_read_more(string key)
    {
        var system = new NewSystem(_old);
        await using var cluster = await system.StartAsync();

        Assert.Equal(1, await Pages(cluster, key).Add("first"));

        Assert.Equal((1, 0, 1), (_old.Reads, system.Limited.HeadReads, system.Store.StreamReads));
        Assert.Null((await system.ReadAsync(key))[0].Metadata.Find("granary.adopted"));
    }

    [Fact]
    public async Task A_stream_that_was_cleared_does_not_adopt_again()
    {
        var system = new NewSystem(_old);
        await using (var first = await system.StartAsync())
        {
            await Pages(first, "short").Read();
            await Pages(first, "short").Clear();
        }

        await using var next = await system.StartAsync();
        Assert.Empty(await Pages(next, "short").Read());
        Assert.Equal(1, await Pages(next, "short").Add("anew"));
    }

    [Theory]
    [InlineData("unapplicable")]
    [InlineData("short")]
    public async Task A_stream_that_was_cleared_starts_empty_whatever_the_storage_has(string key)
    {
        var system = new NewSystem(_old);
        await using (var without = await system.StartAsync(static _ => { }))
        {
            await Pages(without, key).Add("one");
            await Pages(without, key).Clear();
        }

        if (key == "short") _old.OnRead = static _ => throw new TimeoutException("The storage is gone.");
        await using var next = await system.StartAsync();

        Assert.Equal(1, await Pages(next, key).Add("anew"));
    }

    [Fact]
    public async Task Calls_at_once_all_see_the_whole_log()
    {
        var system = new NewSystem(_old, appendEventsMax: 4);
        var gate = system.Store.HoldNextCommit();
        await using var cluster = await system.StartAsync();

        var calls = Enumerable.Range(0, 20).Select(_ => Pages(cluster, "long").Read()).ToArray();
        var adding = Pages(cluster, "long").Add("new");
        await gate.Reached.WaitAsync(Token);
        gate.Open();

        foreach (var call in calls) Assert.Equal(OldLogs.LongTexts, (await call).Take(OldLogs.LongCount));
        Assert.Equal(OldLogs.LongCount + 1, await adding);
    }

    [Fact]
    public async Task The_grain_class_may_have_another_name_now_and_answer_commands()
    {
        _old.Move("short", "Former.Name", GrainId.Create("notebook", "n"));
        var system = new NewSystem(_old);
        await using (var first = await system.StartAsync(
            static one => one.AdoptLogStorage<NotebookGrain>(OldStorage.Name, "Former.Name")))
        {
            Assert.Equal(4, await first.Grains.GetGrain<INotebookGrain>("n").Add("c1", "four"));
        }

        await using var next = await system.StartAsync(
            static one => one.AdoptLogStorage<NotebookGrain>(OldStorage.Name, "Former.Name"));
        var notebook = next.Grains.GetGrain<INotebookGrain>("n");
        Assert.Equal(4, await notebook.Add("c1", "four"));
        Assert.Equal(5, await notebook.Add("c2", "five"));
        Assert.Equal(5, (await system.Memory.ReadHeadAsync(new("notebook", "n"), Token)).Version.Value);
    }

    [Fact]
    public async Task A_rule_for_a_grain_class_comes_before_the_one_for_all()
    {
        var (system, other) = (new NewSystem(_old), new OldStorage());
        await using var cluster = await system.StartAsync(granary =>
        {
            granary.AdoptLogStorage("other").AdoptLogStorage<PagesGrain>(OldStorage.Name);
            other.AddTo(granary.Services, "other");
        });

        Assert.Equal(3, (await Pages(cluster, "short").Read()).Length);
        Assert.Equal(0, other.Reads);
        await cluster.Grains.GetGrain<INotebookGrain>("n").Add("c1", "one");
        Assert.Equal(1, other.Reads);
    }

    [Fact]
    public async Task History_asked_first_has_the_old_events_too()
    {
        var system = new NewSystem(_old);
        await using var cluster = await system.StartAsync();

        var head = await Pages(cluster, "short").AsReference<IHistoryExtension>().ReadHead(Token);

        Assert.Equal(3, head.Version.Value);
    }

    [Theory]
    [InlineData("not JSON")]
    [InlineData("{}")]
    [InlineData("""{"Log":null,"WriteVector":""}""")]
    public async Task A_damaged_record_fails_the_activation_and_changes_nothing(string content)
    {
        _old["short"] = Encoding.UTF8.GetBytes(content);
        var system = new NewSystem(_old);
        await using var cluster = await system.StartAsync();

        var error = await Assert.ThrowsAsync<AdoptionFailedException>(() => Pages(cluster, "short").Read());

        Assert.Equal((new StreamName("pages", "short"), OldStorage.Name), (error.Stream, error.Storage));
        Assert.Equal(0, (await system.Memory.ReadHeadAsync(error.Stream, Token)).Position.Position.Value);
    }

    [Fact]
    public async Task A_storage_that_cannot_be_read_fails_the_activation_until_it_can()
    {
        _old.OnRead = static read => read <= 2
            ? throw new TimeoutException("The storage is away.")
            : Task.CompletedTask;
        var system = new NewSystem(_old);
        await using var cluster = await system.StartAsync();

        var error = await Assert.ThrowsAsync<AdoptionFailedException>(() => Pages(cluster, "short").Add("new"));
        Assert.Contains("The storage is away.", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<AdoptionFailedException>(() => Pages(cluster, "short").Read());

        Assert.Equal(["one", "two", "three"], await Pages(cluster, "short").Read());
    }

    [Theory]
    [InlineData("unapplicable", "event 3 of 4", typeof(FormatException))]
    [InlineData("hidden", "event 2 of 2", typeof(EventNotEncodableException))]
    [InlineData("too large", "event 1 of 1", typeof(LimitExceededException))]
    public async Task An_event_that_cannot_be_stored_or_applied_fails_the_activation_and_changes_nothing(
        string key, string place, Type cause)
    {
        var system = new NewSystem(_old, appendEventsMax: 1);
        await using var cluster = await system.StartAsync();

        var error = await Assert.ThrowsAsync<AdoptionFailedException>(() => Pages(cluster, key).Read());

        Assert.Contains(place, error.Message, StringComparison.Ordinal);
        Assert.IsType(cause, error.InnerException);
        Assert.Equal(0, system.Store.Commits);
    }

    /// <summary>What it reads is what every replay reads, and not the object of the old log.</summary>
    private sealed class ReversingCodec(TimeProvider time) : IEventCodec<IPageEvent>
    {
        public NewEvent Encode(IPageEvent @event, EventMetadata metadata)
        {
            var text = ((PageAdded)@event).Text.ToUpperInvariant().Reverse().ToArray();
            return new(time, "own", Encoding.UTF8.GetBytes(text)) { Metadata = metadata };
        }

        public void Decode(RecordedEvent recorded, ICollection<IPageEvent> into) =>
            into.Add(new PageAdded(Encoding.UTF8.GetString(recorded.Payload.Span).ToLowerInvariant()));
    }
}
