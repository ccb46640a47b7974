using System.Text;

namespace Granary.Testing.Conformance.Stores;

public abstract class AppendingConformance<TStore> : StoreConformance<TStore>
    where TStore : TestStore, new()
{
    [Fact]
    public async Task An_event_is_read_back_as_it_was_given()
    {
        var stream = Stream("given");
        NewEvent[] given =
        [
            new(NextId(), "order.placed", Encoding.UTF8.GetBytes("""{"text":"grüße 🚀"}""")),
            new(NextId(), "order.blank", default),
            new(NextId(), "order.binary", new byte[] { 0, 255, 0, 13, 10, 128 })
            {
                ContentType = "image/x-tiny; q=\"" + new string('1', ContentTypes.LengthMax - 18) + '"',
                SchemaVersion = 7,
            },
            new(NextId(), "type'%_\"🚀" + new string('t', 500), new byte[GranaryLimits.EventSizeMax])
            {
                ContentType = ContentTypes.Orleans,
                SchemaVersion = int.MaxValue,
                Metadata = EventMetadata.Of([new("actor", "ada"), new("ключ'\"\0", "värde\n🚀"), new("blank", "")]),
            },
        ];
        var append = new Append(stream, ExpectedVersion.NoStream, new(NextId()), given);
        await CommitAsync(append);

        foreach (var read in new[] { await StreamAsync(stream), await LogOfAsync(stream) })
        {
            for (var at = 0; at < given.Length; at++) Assert.Equal(Given(given[at]), Given(read[at]));
            Assert.Equal(given.Length, read.Count);
            Assert.All(read, recorded => Assert.Equal((stream, append.Id), (recorded.Stream, recorded.AppendId)));
            Assert.All(read.Zip(given), static pair => Assert.Equal(pair.Second.Metadata, pair.First.Metadata));
            Assert.All(read, static recorded => Assert.False(recorded.IsTombstone));
        }
    }

    [Fact]
    public async Task Events_of_one_type_keep_the_schema_version_and_the_content_type_of_each()
    {
        var stream = Stream("one-type");
        NewEvent[] given =
        [
            .. from contentType in new[] { ContentTypes.Json, ContentTypes.Orleans, "text/plain" }
               from version in new[] { 2, 1, int.MaxValue }
               select new NewEvent(NextId(), "order.changed", default)
               {
                   ContentType = contentType,
                   SchemaVersion = version,
               },
        ];
        await CommitAsync(new Append(stream, ExpectedVersion.Any, new(NextId()), given));

        Use(await Data.OpenAsync());
        Assert.Equal(given.Select(Given), (await StreamAsync(stream)).Select(Given));
        Assert.Equal(given.Select(Given), (await LogOfAsync(stream)).Select(Given));
    }

    [Fact]
    public async Task A_batch_of_many_appends_and_an_append_of_many_events_land_whole()
    {
        const int appends = 500;
        const int events = 10_000;
        var streams = Together(2);
        var answers = await CommitAllAsync(Enumerable.Range(0, appends)
            .Select(at => Append(streams[0], ExpectedVersion.Exactly(new(at)), $"{at}")).ToArray());
        Assert.Equal(Reading.OneTo(appends), answers.Select(static one => one.Version.Value));
        Assert.Equal(Reading.OneTo(appends), Reading.Versions(await StreamAsync(streams[0])));

        var texts = Enumerable.Range(0, events).Select(static at => $"{at}").ToArray();
        var answer = await AppendAsync(streams[1], texts);
        Assert.Equal((events, appends + events), (answer.Version.Value, answer.Position.Position.Value));
        Assert.Equal(texts, (await StreamAsync(streams[1])).Select(Reading.Text));
    }

    [Fact]
    public async Task The_names_of_types_that_look_alike_are_kept_apart()
    {
        var stream = Stream("types");
        string[] types =
        [
            "placed", "Placed", "placed ", "placed\0", "placed\0twice", "\0", "é", "e\u0301", "placed\n", "\uFEFF", "'",
            "é\0é", "🚀\0🚀", "t\0'", "t\0%_", "t\0\"", "t\0" + new string('t', GranaryLimits.EventTypeLengthMax - 2),
            "t\0" + new string('ü', GranaryLimits.EventTypeLengthMax - 2),
        ];
        var events = types.Select(type => new NewEvent(NextId(), type, default)).ToArray();
        await CommitAsync(new Append(stream, ExpectedVersion.Any, new(NextId()), events));

        Assert.Equal(types, (await StreamAsync(stream)).Select(static one => one.Type));
        Use(await Data.OpenAsync());
        Assert.Equal(types, (await LogOfAsync(stream)).Select(static one => one.Type));
    }

    [Fact]
    public async Task The_events_of_an_append_are_adjacent_and_in_order()
    {
        var streams = Together(2);
        await AppendAsync(streams[1], "x");
        var append = Append(streams[0], ExpectedVersion.Any, "a", "b", "c");
        await CommitAsync(append);

        var read = await StreamAsync(streams[0]);
        Assert.Equal("a b c", Reading.Texts(read));
        Assert.Equal([1, 2, 3], Reading.Versions(read));
        Assert.Equal([2, 3, 4], Reading.Positions(read));
        Assert.All(read, recorded => Assert.Equal(append.Id, recorded.AppendId));
    }

    [Fact]
    public async Task An_append_is_answered_with_the_version_position_and_time_of_its_last_event()
    {
        var streams = Together(2);
        await AppendAsync(streams[1], "x", "y");
        await AppendAsync(streams[0], "a");

        var answer = await CommitAsync(Append(streams[0], ExpectedVersion.Any, "b", "c"), Noon.AddHours(1));
        Assert.Equal(
            new AppendResult(AppendOutcome.Appended, new(3), At(streams[0], 5), Noon.AddHours(1)), answer);
    }

    [Fact]
    public async Task Time_stamps_are_whole_microseconds_of_UTC()
    {
        var stream = Stream("time");
        var given = new DateTimeOffset(2026, 7, 1, 1, 30, 0, TimeSpan.FromHours(5.5)).AddTicks(1_234_567);
        var kept = new DateTimeOffset(2026, 6, 30, 20, 0, 0, TimeSpan.Zero).AddTicks(1_234_560);

        var answer = await CommitAsync(Append(stream, ExpectedVersion.Any, "a"), given);
        var head = await HeadAsync(stream);
        var read = await StreamAsync(stream);
        DateTimeOffset?[] seen = [answer.Timestamp, read[0].Timestamp, head.Created, head.Updated];
        Assert.All(seen, one => Assert.Equal((kept, TimeSpan.Zero), (one!.Value, one.Value.Offset)));
    }

    [Fact]
    public async Task Appends_of_a_batch_see_those_before_them()
    {
        var streams = Together(2);
        var answers = await CommitAllAsync(
            Append(streams[0], ExpectedVersion.NoStream, "a"),
            Append(streams[1], ExpectedVersion.NoStream, "x"),
            Append(streams[0], ExpectedVersion.Exactly(new(1), new(1)), "b", "c"),
            Append(streams[0], ExpectedVersion.NoStream, "refused"),
            Append(streams[0], ExpectedVersion.StreamExists, "d"));

        Assert.Equal(
        [
            new(AppendOutcome.Appended, new(1), At(streams[0], 1), Noon),
            new(AppendOutcome.Appended, new(1), At(streams[1], 2), Noon),
            new(AppendOutcome.Appended, new(3), At(streams[0], 4), Noon),
            new(AppendOutcome.Conflict, new(3), At(streams[0], 4), Noon),
            new(AppendOutcome.Appended, new(4), At(streams[0], 5), Noon),
        ], answers);
        Assert.Equal("a b c d", await TextsAsync(streams[0]));
    }

    [Fact]
    public async Task A_conflict_in_a_batch_changes_nothing_and_hinders_no_other()
    {
        var streams = Together(3);
        var answers = await CommitAllAsync(
            Append(streams[0], ExpectedVersion.NoStream, "a"),
            Append(streams[1], ExpectedVersion.Exactly(new(5)), "no", "no"),
            Append(streams[2], ExpectedVersion.NoStream, "b"));

        Assert.Equal(
            [AppendOutcome.Appended, AppendOutcome.Conflict, AppendOutcome.Appended],
            answers.Select(static one => one.Outcome));
        Assert.Empty(await StreamAsync(streams[1]));
        Assert.Equal("a b", Reading.Texts(await LogOfAsync(streams[0])));
    }

    [Fact]
    public async Task An_append_lands_whole_or_not_at_all()
    {
        var stream = Stream("whole");
        await AppendAsync(stream, "a");
        var half = Append(stream, ExpectedVersion.NoStream, "b", "c", "d");

        Assert.Equal(AppendOutcome.Conflict, (await CommitAsync(half)).Outcome);
        Assert.Equal("a", await TextsAsync(stream));
        await CommitAsync(Append(stream, ExpectedVersion.Exactly(new(1)), "b", "c", "d"));
        Assert.Equal("a b c d", Reading.Texts(await LogOfAsync(stream)));
    }

    [Fact]
    public async Task Nothing_of_a_batch_is_used_after_the_commit_has_returned()
    {
        var stream = Stream("buffer");
        var buffer = "written"u8.ToArray();
        List<NewEvent> events = [new(NextId(), "order.changed", buffer)];
        await CommitAsync(new Append(stream, ExpectedVersion.Any, new(NextId()), events));
        buffer.AsSpan().Fill((byte)'!');
        events[0] = new(NextId(), "order.changed", "another"u8.ToArray());

        Assert.Equal("written", await TextsAsync(stream));
        Assert.Equal("written", Reading.Texts(await LogOfAsync(stream)));
    }

    [Theory]
    [InlineData("order", "a", "order", "A")]
    [InlineData("order", "a", "Order", "a")]
    [InlineData("order", "a", "order", "a ")]
    [InlineData("order", "a", " order", "a")]
    [InlineData("order", "a", "order", "a/")]
    [InlineData("order", "a/b", "order", "a//b")]
    [InlineData("order", "a", "order", "a\0")]
    [InlineData("order", "a\0b", "order", "a\0c")]
    [InlineData("or\0der", "a", "or\0ders", "a")]
    [InlineData("order", "\u00E9", "order", "e\u0301")]
    [InlineData("order", "🚀", "order", "🚁")]
    [InlineData("🚀", "a", "🚁", "a")]
    [InlineData("order", "é\0🚀", "order", "é\0🚁")]
    [InlineData("order", "%", "order", "_")]
    [InlineData("order", "%2F", "order", "/")]
    [InlineData("order", "';--", "order", "\"")]
    [InlineData("order", "a", "order", "\uFEFFa")]
    [InlineData("order", "\uFFFD", "order", "\uFFFE")]
    [InlineData("order", "1", "order", "01")]
    [InlineData("order", "1", "order", "1.0")]
    public async Task Names_that_look_alike_are_different_streams(
        string category, string key, string otherCategory, string otherKey)
    {
        // With a number before both keys that puts them into one partition, where they could meet.
        var (one, other) = Enumerable.Range(0, int.MaxValue)
            .Select(at => (new StreamName(category, at + key), new StreamName(otherCategory, at + otherKey)))
            .First(pair => Events.PartitionOf(pair.Item1) == Events.PartitionOf(pair.Item2));
        await AssertApartAsync(one, other);
    }

    // Some drivers pass long texts in another way than short ones, and end them at a NUL.
    [Theory]
    [InlineData("ü")]
    [InlineData("\0")]
    public async Task The_longest_names_are_kept_apart_to_their_last_character(string first)
    {
        var longest = first + new string('ü', StreamName.PartLengthMax - 2);
        var partition = new LogPartition(Data.Partitions - 1);
        var names = Enumerable.Range('a', 26).Select(last => new StreamName(longest + 'z', longest + (char)last))
            .Where(name => Events.PartitionOf(name) == partition).Take(2).ToArray();
        await AssertApartAsync(names[0], names[1]);
    }

    private async Task AssertApartAsync(StreamName one, StreamName other)
    {
        await AppendAsync(one, "one");
        await AppendAsync(other, "other");
        Use(await Data.OpenAsync());
        foreach (var (name, text) in new[] { (one, "one"), (other, "other") })
        {
            var recorded = Assert.Single(await StreamAsync(name));
            Assert.Equal((name, text, 1), (recorded.Stream, Reading.Text(recorded), recorded.Version.Value));
            var head = await HeadAsync(name);
            Assert.Equal((name, recorded.Version, recorded.Position), (head.Stream, head.Version, head.Position));
        }

        Assert.Equal([one, other], (await LogOfAsync(one)).Select(static recorded => recorded.Stream));
    }

    private static (Guid, string, int, string, string) Given(NewEvent one) =>
        (one.Id, one.Type, one.SchemaVersion, one.ContentType, Convert.ToBase64String(one.Payload.Span));

    private static (Guid, string, int, string, string) Given(RecordedEvent one) =>
        (one.Id, one.Type, one.SchemaVersion, one.ContentType, Convert.ToBase64String(one.Payload.Span));
}
