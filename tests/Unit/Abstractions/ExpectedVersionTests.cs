namespace Granary.Tests.Unit.Abstractions;

public sealed class ExpectedVersionTests
{
    private static readonly StreamVersion Five = new(5);
    private static readonly GlobalPosition Nine = new(9);

    public static TheoryData<ExpectedVersion, int, int, bool> Cases => new()
    {
        { ExpectedVersion.Any, 0, 0, true },
        { ExpectedVersion.Any, 5, 9, true },
        { default, 5, 9, true },
        { ExpectedVersion.NoStream, 0, 0, true },
        { ExpectedVersion.NoStream, 0, 9, true },
        { ExpectedVersion.NoStream, 1, 1, false },
        { ExpectedVersion.StreamExists, 0, 9, false },
        { ExpectedVersion.StreamExists, 1, 1, true },
        { ExpectedVersion.Exactly(Five), 5, 9, true },
        { ExpectedVersion.Exactly(Five), 5, 8, true },
        { ExpectedVersion.Exactly(Five), 4, 9, false },
        { ExpectedVersion.Exactly(Five), 6, 9, false },
        { ExpectedVersion.Exactly(Five, Nine), 5, 9, true },
        { ExpectedVersion.Exactly(Five, Nine), 5, 20, false },
        { ExpectedVersion.Exactly(Five, Nine), 4, 9, false },
        { ExpectedVersion.Exactly(StreamVersion.Zero, Nine), 0, 9, true },
        { ExpectedVersion.Exactly(StreamVersion.Zero, Nine), 0, 0, false },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_precondition_is_met_or_not(ExpectedVersion expected, int version, int position, bool met) =>
        Assert.Equal(met, expected.IsMetBy(new StreamVersion(version), new GlobalPosition(position)));

    [Fact]
    public void A_precondition_is_written_in_words()
    {
        Assert.Equal("any version", ExpectedVersion.Any.ToString());
        Assert.Equal("no stream", ExpectedVersion.NoStream.ToString());
        Assert.Equal("an existing stream", ExpectedVersion.StreamExists.ToString());
        Assert.Equal("version 5", ExpectedVersion.Exactly(Five, Nine).ToString());
        Assert.Equal(ExpectedVersion.NoStream, ExpectedVersion.Exactly(StreamVersion.Zero));
        Assert.NotEqual(ExpectedVersion.Exactly(Five), ExpectedVersion.Exactly(Five, Nine));
    }
}
