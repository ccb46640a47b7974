namespace Granary.Tests.Unit.Log;

public sealed class LogPositionsTests
{
    [Theory]
    [InlineData("0:152,1:88", "0:152,1:88")]
    [InlineData("3:1,0:2", "0:2,3:1")]
    [InlineData("0:0", "0:0")]
    [InlineData("15:9223372036854775807", "15:9223372036854775807")]
    public void Their_text_is_read_and_written(string text, string written)
    {
        var positions = LogPositions.Parse(text);
        Assert.Equal(written, positions.ToString());
        Assert.Equal(positions, LogPositions.Parse(written));
        Assert.Equal(positions.GetHashCode(), LogPositions.Parse(written).GetHashCode());
    }

    [Theory]
    [InlineData(null, "''")]
    [InlineData("", "''")]
    [InlineData("7", "'7'")]
    [InlineData("0:1,", "''")]
    [InlineData("0:1,x:2", "'x:2'")]
    [InlineData("0:-1", "'0:-1'")]
    [InlineData("-1:0", "'-1:0'")]
    [InlineData("0: 1", "'0: 1'")]
    [InlineData("0:9223372036854775808", "'0:9223372036854775808'")]
    [InlineData("0:1:2", "'0:1:2'")]
    [InlineData("1:5,0:1,1:6", "Partition 1 has two positions")]
    public void What_is_none_is_named(string? text, string named)
    {
        Assert.False(LogPositions.TryParse(text, out var positions, out var fault));
        Assert.Null(positions);
        Assert.Contains(named, fault, StringComparison.Ordinal);
        Assert.Equal(fault, Assert.Throws<FormatException>(() => LogPositions.Parse(text!)).Message);
    }

    [Fact]
    public void A_position_replaces_that_of_its_partition_or_is_added()
    {
        var positions = LogPositions.Parse("0:5,2:7");
        Assert.Equal("0:5,2:9", positions.With(new(new(2), new(9))).ToString());
        Assert.Equal("0:5,1:1,2:7", positions.With(new(new(1), new(1))).ToString());
        Assert.Equal("0:5,2:7", positions.ToString());
        Assert.Equal(
            (new GlobalPosition(7), (GlobalPosition?)null), (positions.Of(new(2))!.Value, positions.Of(new(1))));
    }

    [Fact]
    public void Each_partition_has_one_position_and_there_is_one_at_least()
    {
        Assert.Throws<ArgumentException>(() => new LogPositions([]));
        Assert.Throws<ArgumentException>(() => new LogPositions([new(new(1), new(1)), new(new(1), new(2))]));
    }
}
