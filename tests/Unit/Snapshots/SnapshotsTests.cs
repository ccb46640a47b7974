using Granary.Runtime;
using Microsoft.Extensions.Options;

namespace Granary.Tests.Unit.Snapshots;

public sealed class SnapshotsTests
{
    [Fact]
    public void A_sealed_snapshot_is_valid_until_shape_or_payload_differ()
    {
        byte[] payload = [1, 2, 3];
        var snapshot = Make(1, payload);

        Assert.Equal("shape", Runtime.Snapshots.ShapeOf(snapshot, "fold"));
        Assert.Null(Runtime.Snapshots.ShapeOf(snapshot, "another"));
        payload[1] ^= 0x10;
        Assert.Null(Runtime.Snapshots.ShapeOf(snapshot, "fold"));
    }

    [Fact]
    public void A_snapshot_of_version_0_is_not_valid() =>
        Assert.Null(Runtime.Snapshots.ShapeOf(Make(0, default), "fold"));

    [Theory]
    [InlineData(1_000, 0, true)]
    [InlineData(999, 0, false)]
    [InlineData(100, 51, true)]
    [InlineData(100, 50, false)]
    [InlineData(99, 1_000_000, false)]
    public void A_snapshot_is_due_by_count_or_by_the_cost_of_replay(int events, int microsecondsEach, bool isDue)
    {
        var cost = TimeSpan.FromMicroseconds(microsecondsEach);
        var policy = new SnapshotPolicy(Options.Create(new SnapshotOptions()));
        Assert.Equal(isDue, policy.IsDue(new StreamName("test", "one"), new ReplayCost(events, cost)));
    }

    internal static Snapshot Make(long version, ReadOnlyMemory<byte> payload) => Runtime.Snapshots.Seal(
        new StreamName("test", "one"),
        new(new(version), LogPosition.StartOf(new LogPartition(0)), DateTimeOffset.UnixEpoch),
        Runtime.Snapshots.Fingerprint("shape", "fold"),
        payload);
}
