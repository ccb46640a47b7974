namespace Granary.Tests.Unit.Abstractions;

public sealed class AppendTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly StreamName Stream = new("account", "a1");
    private static readonly AppendId Id = new(Guid.CreateVersion7(Now));

    [Fact]
    public void An_append_holds_what_it_was_given_and_its_size()
    {
        var metadata = EventMetadata.Of([new("a", "1")]);
        NewEvent[] events = [Event(10), new(Guid.CreateVersion7(Now), "noted", new byte[5]) { Metadata = metadata }];
        var append = new Append(Stream, ExpectedVersion.NoStream, Id, events);

        Assert.Equal(
            (Stream, ExpectedVersion.NoStream, Id, false),
            (append.Stream, append.Expected, append.Id, append.ClearsStream));
        Assert.Same(events, append.Events);
        Assert.Equal(10 + "{}".Length + 5 + """{"a":"1"}""".Length, append.Size);
    }

    [Fact]
    public void An_append_without_stream_id_or_event_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new Append(default, ExpectedVersion.Any, Id, [Event(1)]));
        Assert.Throws<ArgumentException>(() => new Append(Stream, ExpectedVersion.Any, default, [Event(1)]));
        Assert.Throws<ArgumentException>(() => new Append(Stream, ExpectedVersion.Any, Id, []));
        Assert.Throws<ArgumentNullException>(() => new Append(Stream, ExpectedVersion.Any, Id, null!));
        Assert.Throws<ArgumentException>(() => Append.Clear(default, ExpectedVersion.Any, Id));
        Assert.Throws<ArgumentException>(() => Append.Clear(Stream, ExpectedVersion.Any, default));
    }

    [Fact]
    public void Clearing_holds_no_event()
    {
        var clear = Append.Clear(Stream, ExpectedVersion.StreamExists, Id);

        Assert.True(clear.ClearsStream);
        Assert.Empty(clear.Events);
        Assert.Equal(0, clear.Size);
    }

    [Fact]
    public void An_append_of_4_MiB_is_accepted_and_of_a_byte_more_refused()
    {
        NewEvent[] Events(int last) => [.. Enumerable.Repeat(Event(GranaryLimits.EventSizeMax - 2), 3), Event(last)];

        var largest = new Append(Stream, ExpectedVersion.Any, Id, Events(GranaryLimits.EventSizeMax - 2));
        Assert.Equal(4_194_304, largest.Size);

        var error = Assert.Throws<LimitExceededException>(
            () => new Append(Stream, ExpectedVersion.Any, Id, Events(GranaryLimits.EventSizeMax - 1)));
        Assert.Equal(("append", 4_194_305, 4_194_304), (error.Subject, error.Actual, error.Allowed));
    }

    [Fact]
    public void An_append_of_10_000_events_is_accepted_and_of_one_more_refused()
    {
        static Append Of(int events) =>
            new(Stream, ExpectedVersion.Any, Id, [.. Enumerable.Repeat(Event(1), events)]);

        Assert.Equal(10_000, Of(10_000).Events.Count);
        var error = Assert.Throws<LimitExceededException>(() => Of(10_001));
        Assert.Equal(
            ("number of events in the append", 10_001, 10_000), (error.Subject, error.Actual, error.Allowed));
    }

    [Fact]
    public void An_event_of_a_MiB_is_accepted_and_of_a_byte_more_refused()
    {
        Assert.Equal(1_048_576, Event(GranaryLimits.EventSizeMax).Payload.Length);
        var error = Assert.Throws<LimitExceededException>(() => Event(GranaryLimits.EventSizeMax + 1));
        Assert.Equal(("event", 1_048_577, 1_048_576), (error.Subject, error.Actual, error.Allowed));
        Assert.Contains("1048577; at most 1048576", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_event_without_id_or_name_is_refused()
    {
        Assert.Throws<ArgumentException>(static () => new NewEvent(Guid.Empty, "noted", default));
        Assert.Throws<ArgumentException>(static () => new NewEvent(Guid.CreateVersion7(Now), "", default));
        Assert.Throws<ArgumentNullException>(static () => new NewEvent(Guid.CreateVersion7(Now), null!, default));
        Assert.Throws<ArgumentException>(static () => new NewEvent(Guid.CreateVersion7(Now), "a\ud800", default));
    }

    [Fact]
    public void The_attributes_of_an_event_are_within_their_bounds()
    {
        var oversized = new byte[GranaryLimits.MetadataSizeMax + 1];

        Assert.Throws<ArgumentOutOfRangeException>(static () => Event(1, schemaVersion: 0));
        Assert.Throws<ArgumentException>(static () => Event(1, contentType: ""));
        Assert.Throws<LimitExceededException>(static () => Event(1, contentType: new string('x', 256)));
        Assert.Throws<ArgumentNullException>(static () => Event(1) is var one ? With(one, null!) : null);
        Assert.Throws<LimitExceededException>(() => With(Event(1), EventMetadata.FromUtf8(oversized)));
        Assert.Equal((1, ContentTypes.Json, EventMetadata.Empty),
            (Event(1).SchemaVersion, Event(1).ContentType, Event(1).Metadata));

        static NewEvent With(NewEvent one, EventMetadata metadata) =>
            new(one.Id, one.Type, one.Payload) { Metadata = metadata };
    }

    [Fact]
    public void A_batch_is_stamped_in_whole_microseconds_of_UTC()
    {
        var odd = new DateTimeOffset(2026, 1, 2, 5, 4, 5, TimeSpan.FromHours(2)).AddTicks(1_234_567);
        var batch = new AppendBatch(new LogPartition(1), odd, [Append.Clear(Stream, ExpectedVersion.Any, Id)]);

        Assert.Equal(Now.AddTicks(1_234_560), batch.Timestamp);
        Assert.Equal(TimeSpan.Zero, batch.Timestamp.Offset);
        Assert.Equal(AppendOutcome.None, Assert.Single(batch.Results).Outcome);
    }

    [Fact]
    public void A_batch_keeps_the_answer_to_each_of_its_appends()
    {
        var clear = Append.Clear(Stream, ExpectedVersion.Any, Id);
        var batch = new AppendBatch(default, Now, [clear, clear]);
        var answer = new AppendResult(AppendOutcome.Appended, new(1), LogPosition.StartOf(default), Now);

        batch.SetResult(1, answer);

        Assert.Equal([default, answer], batch.Results);
    }

    [Fact]
    public void Ids_of_appends_are_ordered_by_the_clock_they_are_given()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(Now);
        var first = AppendId.New(clock);
        clock.Advance(TimeSpan.FromMilliseconds(1));
        var second = AppendId.New(clock);

        Assert.True(string.CompareOrdinal(first.ToString(), second.ToString()) < 0);
        Assert.Equal(7, first.Value.Version);
    }

    [Fact]
    public void A_batch_answers_into_memory_that_was_used_before_and_shows_nothing_of_what_was_in_it()
    {
        var old = new AppendResult(AppendOutcome.Conflict, new(9), default, Now);
        AppendResult[] memory = [old, old, old];
        var append = new Append(Stream, ExpectedVersion.NoStream, Id, [Event(1)]);
        var batch = new AppendBatch(new LogPartition(0), Now, [append, append], memory);

        Assert.Equal([default, default], batch.Results);
        var answer = new AppendResult(AppendOutcome.Appended, new(1), default, Now);
        batch.SetResult(1, answer);
        Assert.Equal([default, answer], batch.Results);
        Assert.Equal([default, answer, old], memory);
        Assert.Throws<IndexOutOfRangeException>(() => batch.SetResult(2, answer));
        Assert.ThrowsAny<ArgumentException>(
            () => new AppendBatch(new LogPartition(0), Now, [append, append], new AppendResult[1]));
    }

    private static NewEvent Event(int size, int schemaVersion = 1, string contentType = ContentTypes.Json) =>
        new(Guid.CreateVersion7(Now), "noted", new byte[size])
        {
            SchemaVersion = schemaVersion,
            ContentType = contentType,
        };
}
