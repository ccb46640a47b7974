namespace Granary.Tests.Unit.Log;

public sealed class LogPartitionTests
{
    /// <summary>
    /// The partition of a stream is a format: it is stored with their events, and a store written yesterday is read by
    /// it. The numbers were computed from the specification of XXH64, not with this code, and must never change; a
    /// change would lose every stream of every store with more than one partition.
    /// </summary>
    [Theory]
    [InlineData("account/a1", 1, 1, 13, 245)]
    [InlineData("account/a2", 0, 0, 8, 640)]
    [InlineData("repository/octokit/webhooks", 2, 2, 10, 682)]
    [InlineData("order/8f14e45f-ceea-467f-a0f2-3ed1c0f6b7a1", 2, 0, 8, 224)]
    [InlineData("Straße/Ключ 🗝", 2, 1, 5, 405)]
    public void A_stream_keeps_its_partition(string stream, int of3, int of4, int of16, int of1000)
    {
        var name = StreamName.Parse(stream);

        Assert.Equal(
            [0, of3, of4, of16, of1000],
            new[] { 1, 3, 4, 16, 1000 }.Select(count => LogPartition.Of(name, count).Value));
    }

    [Fact]
    public void The_longest_name_has_its_partition_too()
    {
        Assert.Equal(208, LogPartition.Of(new StreamName("a", new string('é', 512)), 1000).Value);

        // The greatest number of bytes that a name can have: three for each of its characters.
        var longest = new string('世', 512);
        Assert.Equal(109, LogPartition.Of(new StreamName(longest, longest), 1000).Value);
    }

    [Fact]
    public void Streams_are_spread_evenly()
    {
        var counts = new int[16];
        for (var number = 0; number < 16_000; number++)
            counts[LogPartition.Of(new StreamName("order", $"{number}"), counts.Length).Value]++;

        Assert.All(counts, static count => Assert.InRange(count, 850, 1_150));
    }

    [Fact]
    public void There_is_at_least_one_partition()
    {
        var name = new StreamName("account", "a1");

        Assert.Throws<ArgumentOutOfRangeException>(() => LogPartition.Of(name, 0));
        Assert.Throws<InvalidOperationException>(static () => LogPartition.Of(default, 4));
    }
}
