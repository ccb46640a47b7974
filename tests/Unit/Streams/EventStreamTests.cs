using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Granary.Contracts;
using Granary.Grains;
using Granary.Testing;

namespace Granary.Tests.Unit.Streams;

public sealed class EventStreamTests : IAsyncLifetime
{
    private GranaryTestCluster _cluster = null!;

    public async ValueTask InitializeAsync() => _cluster = await StartAsync(null);

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task A_wrong_expected_version_is_answered_with_the_actual_one_and_changes_nothing()
    {
        await Stream("orders/1").Append(new([Event("placed", "{}")]));
        var answer = await Stream("orders/1").Append(new([Event("paid", "{}")], ExpectedVersion.NoStream));

        Assert.Equal((AppendOutcome.Conflict, new StreamVersion(1)), (answer.Outcome, answer.Version));
        Assert.Single(await StoredAsync("orders/1"));
    }

    [Fact]
    public async Task A_retry_with_its_key_gets_the_first_answer()
    {
        var request = new StreamAppend([Event("placed", "{}"), Event("paid", "{}")], ExpectedVersion.NoStream, "k1");
        var first = await Stream("orders/2").Append(request);
        await Stream("orders/2").Append(new([Event("sent", "{}")]));
        var again = await Stream("orders/2").Append(request);

        Assert.Equal(AppendOutcome.Appended, first.Outcome);
        Assert.Equal(first with { Outcome = AppendOutcome.AlreadyAppended }, again);
        Assert.Equal(3, (await StoredAsync("orders/2")).Count);
    }

    [Fact]
    public async Task A_key_used_for_other_events_is_an_error()
    {
        await Stream("orders/3").Append(new([Event("placed", "{}")], IdempotencyKey: "k1"));

        await Assert.ThrowsAsync<CommandIdReusedException>(
            () => Stream("orders/3").Append(new([Event("paid", "{}")], IdempotencyKey: "k1")));
    }

    [Fact]
    public async Task An_activation_that_lags_reads_the_others_events_before_it_answers()
    {
        await using var other = await StartAsync(_cluster.Store);
        await Stream("orders/4").Append(new([Event("placed", "{}")]));
        await other.Grains.GetGrain<IEventStreamGrain>("orders/4").Append(new([Event("paid", "{}")]));

        var met = await Stream("orders/4").Append(new([Event("sent", "{}")], ExpectedVersion.Exactly(new(2))));
        var missed = await other.Grains.GetGrain<IEventStreamGrain>("orders/4")
            .Append(new([Event("lost", "{}")], ExpectedVersion.Exactly(new(2))));

        Assert.Equal((AppendOutcome.Appended, new StreamVersion(3)), (met.Outcome, met.Version));
        Assert.Equal((AppendOutcome.Conflict, new StreamVersion(3)), (missed.Outcome, missed.Version));
    }

    [Fact]
    public async Task Events_are_stored_as_they_came()
    {
        var id = Guid.Parse("019a0000-0000-7000-8000-000000000001");
        var metadata = new Dictionary<string, string> { ["from"] = "shop" };
        await Stream("orders/5").Append(
            new([new("placed", """{ "a": 1.00 }"""u8.ToArray(), id, metadata), new("paid", null)]));

        var stored = await StoredAsync("orders/5");
        Assert.Equal((id, "placed", """{ "a": 1.00 }"""), (stored[0].Id, stored[0].Type, Text(stored[0])));
        Assert.Equal("shop", stored[0].Metadata.Find("from"));
        Assert.True(stored[1].Payload.IsEmpty);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task An_id_that_is_given_twice_is_stored_twice(bool isClearedBetween)
    {
        var id = Guid.Parse("019a0000-0000-7000-8000-000000000001");
        await Stream("orders/6").Append(new([new("placed", "1"u8.ToArray(), id)]));
        if (isClearedBetween) await ClearAsync("orders/6");
        var again = await Stream("orders/6").Append(new([new("placed", "2"u8.ToArray(), id)]));

        var stored = await StoredAsync("orders/6");
        Assert.Equal((AppendOutcome.Appended, new(stored.Count)), (again.Outcome, again.Version));
        Assert.Equal((id, "2"), (stored[^1].Id, Text(stored[^1])));
        Assert.NotEqual(id, stored[^1].AppendId.Value);
    }

    [Fact]
    public async Task An_append_has_the_id_that_was_made_for_its_first_event()
    {
        await Stream("orders/7").Append(new([Event("placed", "{}"), Event("paid", "{}")]));
        await Stream("orders/7").Append(new([Event("sent", "{}")]));

        var stored = await StoredAsync("orders/7");
        Assert.Equal(
            [stored[0].Id, stored[0].Id, stored[2].Id], stored.Select(static one => one.AppendId.Value));
        Assert.Equal(3, stored.Select(static one => one.Id).Distinct().Count());
        Assert.All(stored, static one => Assert.Equal((7, true), (one.Id.Version, one.Id.Variant is >= 8 and <= 11)));
    }

    [Fact]
    public async Task Types_of_Granarys_own_are_refused()
    {
        await Assert.ThrowsAsync<EventNotEncodableException>(
            () => Stream("orders/6").Append(new([Event("granary.tombstone", "{}")])));
        Assert.Empty(await StoredAsync("orders/6"));
    }

    [Fact]
    public void A_reducer_folds_its_own_category_and_merge_patch_the_rest()
    {
        var reducers = new StreamReducers([new CountingReducer()]);
        var (counted, merged) = (new EventStreamState(), new EventStreamState());
        StreamEvent[] events = [Event("a", """{"x":1}"""), Event("b", """{"y":2}"""), new StreamEvent("c", null)];
        foreach (var @event in events)
        {
            reducers.Fold("counted", counted, @event);
            reducers.Fold("other", merged, @event);
        }

        Assert.Equal(("3", """{"x":1,"y":2}"""), (counted.Json, merged.Json));
    }

    [Fact]
    public void A_reducer_reads_what_it_made_as_it_reads_it_from_a_snapshot()
    {
        var reducers = new StreamReducers([new SummingReducer()]);
        var (folded, restored) = (new EventStreamState(), new EventStreamState());
        for (var at = 0; at < 3; at++)
        {
            restored = new EventStreamState { Json = restored.Json };
            foreach (var state in (EventStreamState[])[folded, restored]) reducers.Fold("sum", state, new("a", null));
        }

        Assert.Equal(("""{"each":[1,2,3],"sum":3}""", folded.Json), (folded.Json, restored.Json));
    }

    // It could be stored, and no state of the stream be shown then.
    [Theory]
    [InlineData("""{"a":"\ud800"}""")]
    [InlineData("""{"a":["\uDC00\ud800"]}""")]
    [InlineData("""[{"\ud800":1}]""")]
    [InlineData("\"\u00ff\"")]
    public async Task Data_with_what_is_no_text_is_refused(string json)
    {
        // In Latin-1 the last one is not UTF-8; the others are ASCII.
        var @event = new StreamEvent("placed", Encoding.Latin1.GetBytes(json));

        await Assert.ThrowsAsync<EventNotApplicableException>(() => Stream("orders/9").Append(new([@event])));

        Assert.Empty(await StoredAsync("orders/9"));
    }

    // It could be stored, and no page of the log be read then.
    [Theory]
    [InlineData("", typeof(JsonException))]
    [InlineData("{", typeof(JsonException))]
    [InlineData("1 2", typeof(JsonException))]
    [InlineData("\"\u00ff\"", typeof(JsonException))]
    [InlineData("""["\ud800"]""", typeof(InvalidOperationException))]
    public void Data_that_is_not_JSON_is_given_to_no_reducer(string json, Type fault)
    {
        var reducers = new StreamReducers([new CountingReducer()]);
        var @event = new StreamEvent("a", Encoding.Latin1.GetBytes(json));
        var state = new EventStreamState();
        Assert.IsAssignableFrom(fault, Record.Exception(() => reducers.Fold("counted", state, @event)));
        Assert.Equal("null", state.Json);
    }

    private static Task<GranaryTestCluster> StartAsync(IEventStore? store) => GranaryTestCluster.StartAsync(new()
    {
        Store = store,
        Configure = static (_, granary) => granary.AddGranaryGrains(),
    });

    private static StreamEvent Event(string type, string json) => new(type, Encoding.UTF8.GetBytes(json));

    private static string Text(RecordedEvent recorded) => Encoding.UTF8.GetString(recorded.Payload.Span);

    private IEventStreamGrain Stream(string name) => _cluster.Grains.GetGrain<IEventStreamGrain>(name);

    private async Task ClearAsync(string name) => await _cluster.Store.CommitAsync(
        Append.Clear(StreamName.Parse(name), ExpectedVersion.Any, AppendId.New(TimeProvider.System)),
        TimeProvider.System.GetUtcNow(), TestContext.Current.CancellationToken);

    private async Task<IReadOnlyList<RecordedEvent>> StoredAsync(string name) =>
        (await _cluster.Store.ReadStreamForwardAsync(
            StreamName.Parse(name), StreamVersion.Zero, 100, TestContext.Current.CancellationToken)).Events;

    [Fact]
    public void A_reducer_that_changes_the_bytes_of_an_event_changes_them_for_itself_alone()
    {
        var reducers = new StreamReducers([new ErasingReducer()]);
        var @event = new StreamEvent("a", "{}"u8.ToArray());

        reducers.Fold("erased", new EventStreamState(), @event);

        Assert.Equal("{}"u8.ToArray(), @event.Data);
    }

    private sealed class CountingReducer : IStreamReducer
    {
        public string Category => "counted";

        public JsonNode? Reduce(JsonNode? state, StreamEvent @event) => (state?.GetValue<int>() ?? 0) + 1;
    }

    // Sets an int, and reads a long.
    private sealed class ErasingReducer : IStreamReducer
    {
        public string Category => "erased";

        public JsonNode? Reduce(JsonNode? state, StreamEvent @event)
        {
            Array.Clear(@event.Data!);
            return state;
        }
    }

    private sealed class SummingReducer : IStreamReducer
    {
        public string Category => "sum";

        public JsonNode? Reduce(JsonNode? state, StreamEvent @event)
        {
            state ??= new JsonObject { ["each"] = new JsonArray(), ["sum"] = 0 };
            var sum = state["sum"]!.AsValue().TryGetValue<long>(out var before) ? (int)before + 1 : 1;
            state["each"]!.AsArray().Add(sum);
            state["sum"] = sum;
            return state;
        }
    }
}
