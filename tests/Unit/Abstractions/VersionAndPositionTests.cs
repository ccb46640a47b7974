namespace Granary.Tests.Unit.Abstractions;

public sealed class VersionAndPositionTests
{
    [Fact]
    public void A_version_counts_from_0_and_has_an_order()
    {
        var (three, five) = (new StreamVersion(3), new StreamVersion(5));

        Assert.Equal((0L, default), (StreamVersion.Zero.Value, StreamVersion.Zero));
        Assert.Equal((five, "5"), (three.Plus(2), five.ToString()));
        Assert.True(three < five && five > three && three <= five && five >= three);
        Assert.True(three <= new StreamVersion(3) && three >= new StreamVersion(3));
        Assert.False(three < new StreamVersion(3) || three > new StreamVersion(3));
        Assert.Equal(-1, three.CompareTo(five));
        Assert.Throws<ArgumentOutOfRangeException>(static () => new StreamVersion(-1));
        Assert.Throws<ArgumentOutOfRangeException>(static () => new StreamVersion(long.MaxValue).Plus(1));
    }

    [Fact]
    public void A_position_counts_from_0_and_has_an_order()
    {
        var (three, five) = (new GlobalPosition(3), new GlobalPosition(5));

        Assert.Equal((0L, default), (GlobalPosition.Zero.Value, GlobalPosition.Zero));
        Assert.Equal((five, "5"), (three.Plus(2), five.ToString()));
        Assert.True(three < five && five > three && three <= five && five >= three);
        Assert.True(three <= new GlobalPosition(3) && three >= new GlobalPosition(3));
        Assert.False(three < new GlobalPosition(3) || three > new GlobalPosition(3));
        Assert.Equal(-1, three.CompareTo(five));
        Assert.Throws<ArgumentOutOfRangeException>(static () => new GlobalPosition(-1));
    }

    [Fact]
    public void A_partition_counts_from_0_and_a_position_names_it_first()
    {
        var partition = new LogPartition(2);

        Assert.Equal((2, "2"), (partition.Value, partition.ToString()));
        Assert.Equal("2:7", new LogPosition(partition, new GlobalPosition(7)).ToString());
        Assert.Equal(new LogPosition(partition, GlobalPosition.Zero), LogPosition.StartOf(partition));
        Assert.Throws<ArgumentOutOfRangeException>(static () => new LogPartition(-1));
    }
}
