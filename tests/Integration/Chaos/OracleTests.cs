namespace Granary.Tests.Integration;

/// <summary>The oracle of the chaos suite reports each kind of fault, so what it accepts has none of them.</summary>
public sealed class OracleTests
{
    private static readonly SentAppend[] Sent =
    [
        new(1, 1, "a/1", 2, SentOutcome.Acknowledged, 1), new(1, 2, "a/1", 1, SentOutcome.Acknowledged, 3),
        new(2, 1, "a/2", 2, SentOutcome.Unknown, 0), new(2, 2, "a/2", 1, SentOutcome.Refused, 0),
        new(2, 3, "a/2", 1, SentOutcome.Unknown, 0),
    ];

    private static readonly LoggedEvent[] Log =
    [
        new(0, 1, "a/1", 1, 1, 1, 0), new(0, 2, "a/1", 2, 1, 1, 1), new(1, 1, "a/2", 1, 2, 1, 0),
        new(1, 2, "a/2", 2, 2, 1, 1), new(0, 3, "a/1", 3, 1, 2, 0),
    ];

    [Fact]
    public void What_is_right_is_accepted()
    {
        var oracle = Judge(Sent, Log);

        Assert.Empty(oracle.Faults);
        Assert.Equal((5, 3, 0, 0), (oracle.Events, oracle.Acknowledged, oracle.Lost, oracle.Doubled));
        Assert.True(oracle.Streams["a/1"].Is(3, StreamFold.Data(1, 2, 0)));
    }

    [Fact]
    public void A_lost_event_is_reported()
    {
        var oracle = Judge(Sent, Log[..4]);

        Assert.Contains(oracle.Faults, static one => one.Contains("lost", StringComparison.Ordinal));
        Assert.Equal(1, oracle.Lost);
    }

    [Theory]
    [InlineData(0, 4, 1, 1, "a/1")]
    [InlineData(1, 3, 2, 1, "a/2")]
    public void An_event_that_is_stored_twice_is_reported(
        int partition, long position, int writer, int number, string stream)
    {
        var version = stream == "a/1" ? 4 : 3;
        LoggedEvent[] again =
        [
            new(partition, position, stream, version, writer, number, 0),
            new(partition, position + 1, stream, version + 1, writer, number, 1),
        ];
        var oracle = Judge(Sent, [.. Log, .. again]);

        Assert.Contains(oracle.Faults, static one => one.Contains("stored 2 times", StringComparison.Ordinal));
        Assert.Equal(2, oracle.Doubled);
    }

    [Fact]
    public void A_gap_in_the_positions_is_reported() =>
        AssertReported("is due", Sent, [.. Log[..4], Log[4] with { Position = 4 }]);

    [Fact]
    public void A_gap_in_the_versions_is_reported() =>
        AssertReported("has version 4 after 2", Sent, [.. Log[..4], Log[4] with { Version = 4 }]);

    [Fact]
    public void A_part_of_an_append_is_reported() => AssertReported("stored 0 times", Sent, [.. Log[..3], Log[4]]);

    [Fact]
    public void A_refused_append_that_is_stored_is_reported() =>
        AssertReported("is stored.", Sent, [.. Log, new(1, 3, "a/2", 3, 2, 2, 0)]);

    [Fact]
    public void An_append_that_nobody_sent_is_reported() =>
        AssertReported("never sent", Sent, [.. Log, new(1, 3, "a/2", 3, 9, 1, 0)]);

    [Fact]
    public void A_clients_appends_in_another_order_are_reported() => AssertReported(
        "before an earlier one",
        [Sent[0] with { Count = 1, FirstVersion = 2 }, Sent[1] with { FirstVersion = 1 }],
        [new(0, 1, "a/1", 1, 1, 2, 0), new(0, 2, "a/1", 2, 1, 1, 0)]);

    [Fact]
    public void A_state_that_is_no_fold_of_the_log_is_not_accepted()
    {
        var fold = Judge(Sent, Log).Streams["a/1"];

        Assert.False(fold.Is(2, StreamFold.Data(1, 2, 0)));
        Assert.False(fold.Is(3, StreamFold.Data(1, 1, 1)));
        Assert.False(fold.Is(3, null));
    }

    private static void AssertReported(string fault, SentAppend[] sent, LoggedEvent[] log) =>
        Assert.Contains(Judge(sent, log).Faults, one => one.Contains(fault, StringComparison.Ordinal));

    private static Oracle Judge(SentAppend[] sent, LoggedEvent[] log)
    {
        var oracle = new Oracle();
        foreach (var one in log) oracle.Read(one);
        oracle.Compare(sent);
        return oracle;
    }
}
