namespace Granary.Testing.Conformance.Stores;

public abstract class ExpectedVersionConformance<TStore> : StoreConformance<TStore>
    where TStore : TestStore, new()
{
    [Theory]
    [InlineData("absent", "any no-stream exactly-0 exactly-0-here")]
    [InlineData("two events", "any stream-exists exactly-2 exactly-2-here")]
    [InlineData("cleared", "any no-stream exactly-0 exactly-0-here")]
    [InlineData("cleared and written", "any stream-exists exactly-2 exactly-2-here")]
    public async Task An_append_lands_where_its_expected_version_is_met_and_only_there(string state, string met)
    {
        foreach (var name in Expectations.Keys)
        {
            var stream = Stream($"{state} {name}");
            var here = await BringToAsync(stream, state);
            var before = await LogOfAsync(stream);

            var answer = await CommitAsync(
                Append(stream, Expectations[name](here.Position.Position), "new"), Noon.AddHours(1));

            if (met.Split(' ').Contains(name))
            {
                Assert.Equal(
                    (name, AppendOutcome.Appended, here.Version.Plus(1)), (name, answer.Outcome, answer.Version));
            }
            else
            {
                Assert.Equal(
                    (name, new AppendResult(AppendOutcome.Conflict, here.Version, here.Position, Noon.AddHours(1))),
                    (name, answer));
                Assert.Equal(before.Count, (await LogOfAsync(stream)).Count);
                Assert.Equal(here, await HeadAsync(stream));
            }
        }
    }

    [Fact]
    public async Task A_writer_with_a_position_of_the_old_generation_cannot_write_into_the_new_one()
    {
        var stream = Stream("generations");
        var old = await AppendAsync(stream, "a", "b");
        await CommitAsync(Clear(stream));
        await AppendAsync(stream, "c", "d");

        var late = Append(stream, ExpectedVersion.Exactly(old.Version, old.Position.Position), "late");
        Assert.Equal(AppendOutcome.Conflict, (await CommitAsync(late)).Outcome);
        Assert.Equal("c d", await TextsAsync(stream));
    }

    // A process that refuses by what it knew before would be wrong each time.
    [Fact]
    public async Task A_refusal_is_decided_on_what_others_have_stored()
    {
        var (stream, other) = (Stream("refused"), (await Data.OpenAsync()).Events);
        await AppendAsync(stream, "a");
        await other.CommitAsync(Append(stream, ExpectedVersion.Exactly(new(1)), "b"), Noon, Token);
        var third = await CommitAsync(Append(stream, ExpectedVersion.Exactly(new(2)), "c"));
        await other.CommitAsync(Clear(stream), Noon, Token);
        var anew = await CommitAsync(Append(stream, ExpectedVersion.NoStream, "d"));
        await other.CommitAsync(Append(stream, ExpectedVersion.Exactly(new(1)), "e", "f"), Noon, Token);
        var refused = await CommitAsync(Append(stream, ExpectedVersion.Exactly(new(2)), "g"));

        Assert.Equal((AppendOutcome.Appended, 3), (third.Outcome, third.Version.Value));
        Assert.Equal((AppendOutcome.Appended, 1), (anew.Outcome, anew.Version.Value));
        Assert.Equal((AppendOutcome.Conflict, 3), (refused.Outcome, refused.Version.Value));
    }

    [Fact]
    public async Task Of_two_writers_that_expect_the_same_version_one_wins()
    {
        const int rounds = 30;
        var (stream, other) = (Stream("same"), (await Data.OpenAsync()).Events);
        for (var round = 0; round < rounds; round++)
        {
            var expected = ExpectedVersion.Exactly(new(round));
            Append[] rivals = [Append(stream, expected, $"{round}"), Append(stream, expected, $"{round}")];
            var answers = await Task.WhenAll(
                Task.Run(() => Events.CommitAsync(rivals[0], Noon, Token).AsTask(), Token),
                Task.Run(() => other.CommitAsync(rivals[1], Noon, Token).AsTask(), Token));

            var outcomes = answers.Select(static one => one.Outcome).Order();
            Assert.Equal([AppendOutcome.Appended, AppendOutcome.Conflict], outcomes);
            Assert.All(answers, one => Assert.Equal((round + 1, Noon), (one.Version.Value, one.Timestamp)));
        }

        var texts = (await StreamAsync(stream)).Select(Reading.Text);
        Assert.Equal(Enumerable.Range(0, rounds).Select(static at => $"{at}"), texts);
    }

    [Fact]
    public async Task Two_writers_racing_on_one_stream_lose_and_double_nothing()
    {
        const int each = 60;
        var stream = Stream("race");
        var stores = new[] { Events, (await Data.OpenAsync()).Events };

        async Task WriteAsync(int writer)
        {
            var known = StreamVersion.Zero;
            for (var written = 0; written < each;)
            {
                var append = Append(stream, ExpectedVersion.Exactly(known), $"{writer}-{written}");
                var answer = await stores[writer].CommitAsync(append, Noon, Token);
                if (answer.Outcome == AppendOutcome.Appended)
                {
                    Assert.Equal(known.Plus(1), answer.Version);
                    written++;
                }

                known = answer.Version;
            }
        }

        await Task.WhenAll(Task.Run(() => WriteAsync(0), Token), Task.Run(() => WriteAsync(1), Token));
        var read = await StreamAsync(stream);
        Assert.Equal(Reading.OneTo(2 * each), Reading.Versions(read));
        for (var writer = 0; writer < 2; writer++)
        {
            Assert.Equal(
                Enumerable.Range(0, each).Select(at => $"{writer}-{at}"),
                read.Select(Reading.Text).Where(text => text[0] == '0' + writer));
        }
    }

    private const long Far = 1L << 32;

    // "here" is the position that the stream's head has; "elsewhere" one that it has not.
    private static readonly Dictionary<string, Func<GlobalPosition, ExpectedVersion>> Expectations = new()
    {
        ["any"] = static _ => ExpectedVersion.Any,
        ["no-stream"] = static _ => ExpectedVersion.NoStream,
        ["stream-exists"] = static _ => ExpectedVersion.StreamExists,
        ["exactly-0"] = static _ => ExpectedVersion.Exactly(StreamVersion.Zero),
        ["exactly-1"] = static _ => ExpectedVersion.Exactly(new(1)),
        ["exactly-2"] = static _ => ExpectedVersion.Exactly(new(2)),
        ["exactly-3"] = static _ => ExpectedVersion.Exactly(new(3)),
        ["exactly-0-here"] = static here => ExpectedVersion.Exactly(StreamVersion.Zero, here),
        ["exactly-2-here"] = static here => ExpectedVersion.Exactly(new(2), here),

        // No number is cut to 32 bits.
        ["exactly-0-far"] = static _ => ExpectedVersion.Exactly(new(Far)),
        ["exactly-2-far"] = static _ => ExpectedVersion.Exactly(new(Far + 2)),
        ["exactly-0-far-away"] = static here => ExpectedVersion.Exactly(StreamVersion.Zero, here.Plus(Far)),
        ["exactly-2-far-away"] = static here => ExpectedVersion.Exactly(new(2), here.Plus(Far)),
        ["exactly-0-elsewhere"] = static here => ExpectedVersion.Exactly(StreamVersion.Zero, here.Plus(1)),
        ["exactly-2-elsewhere"] = static here => ExpectedVersion.Exactly(new(2), here.Plus(1)),
    };

    private async Task<StreamHead> BringToAsync(StreamName stream, string state)
    {
        if (state != "absent") await AppendAsync(stream, "a", "b");
        if (state.StartsWith("cleared", StringComparison.Ordinal)) await CommitAsync(Clear(stream));
        if (state == "cleared and written") await AppendAsync(stream, "c", "d");
        return await HeadAsync(stream);
    }
}
