using System.Text;

namespace Granary.Testing.Conformance.Stores;

public abstract class SnapshotConformance<TStore> : StoreConformance<TStore>
    where TStore : TestStore, new()
{
    [Fact]
    public async Task A_snapshot_is_read_back_as_it_was_given()
    {
        var stream = Together(1)[0];
        var given = new Snapshot
        {
            Stream = stream,
            Version = new(3),
            Position = At(stream, 77),
            Timestamp = Noon.AddMicroseconds(1),
            Fingerprint = "finger 🚀 print",
            Checksum = ulong.MaxValue - 1,
            Payload = new byte[] { 0, 255, 1 },
        };
        await Snapshots.WriteSnapshotAsync(given, Token);

        foreach (var opened in new[] { Snapshots, (await Data.OpenAsync()).Snapshots })
        {
            var read = await opened.ReadSnapshotAsync(stream, new(3), null, Token);
            Assert.NotNull(read);
            Assert.Equal(
                (given.Stream, given.Version, given.Position, given.Timestamp, given.Fingerprint, given.Checksum),
                (read.Stream, read.Version, read.Position, read.Timestamp, read.Fingerprint, read.Checksum));
            Assert.Equal(given.Payload.ToArray(), read.Payload.ToArray());
        }
    }

    [Fact]
    public async Task A_large_snapshot_is_read_back_whole()
    {
        var state = new string('s', GranaryLimits.StateSizeMax - 1) + '!';
        await WriteAsync("a", 1, Noon, state);

        Assert.Equal(state, await StateAsync(Snapshots));
    }

    [Fact]
    public async Task What_another_instance_has_written_or_cleared_is_read_at_once()
    {
        var first = Snapshots;
        await AppendAsync(Stream("a"), "a");
        await WriteAsync("a", 1, Noon, "old");
        Assert.Equal("old", await StateAsync(first));

        Use(await Data.OpenAsync());
        await WriteAsync("a", 1, Noon, "new");
        Assert.Equal("new", await StateAsync(first));
        await CommitAsync(Clear(Stream("a")));
        Assert.Null(await StateAsync(first));
    }

    [Fact]
    public async Task The_newest_one_up_to_a_version_is_read()
    {
        await WriteAsync("a", 2, Noon);
        await WriteAsync("a", 9, Noon);
        await WriteAsync("a", 5, Noon);
        await WriteAsync("b", 7, Noon);

        (long AtMost, long? Found)[] expected =
            [(0, null), (1, null), (2, 2), (4, 2), (5, 5), (8, 5), (9, 9), (long.MaxValue, 9)];
        foreach (var (atMost, found) in expected) Assert.Equal((atMost, found), (atMost, await FindAsync("a", atMost)));
        Assert.Null(await FindAsync("absent", long.MaxValue));
    }

    [Fact]
    public async Task The_newest_one_up_to_an_instant_is_read()
    {
        // The clock went back between 2 and 4.
        await WriteAsync("a", 2, Noon.AddHours(2));
        await WriteAsync("a", 4, Noon.AddHours(1));
        await WriteAsync("a", 6, Noon.AddHours(3));

        Assert.Null(await FindAsync("a", 9, Noon.AddHours(1).AddMicroseconds(-1)));
        Assert.Equal(4, await FindAsync("a", 9, Noon.AddHours(1)));
        Assert.Equal(4, await FindAsync("a", 9, Noon.AddHours(1).AddTicks(1)));
        Assert.Equal(4, await FindAsync("a", 9, Noon.AddHours(3).AddTicks(-1)));
        Assert.Equal(6, await FindAsync("a", 9, Noon.AddHours(3).ToOffset(TimeSpan.FromHours(-5))));
        Assert.Equal(2, await FindAsync("a", 3, DateTimeOffset.MaxValue));
        Assert.Null(await FindAsync("a", 3, Noon.AddHours(1)));
        Assert.Null(await FindAsync("a", 9, DateTimeOffset.MinValue));
    }

    [Fact]
    public async Task One_of_the_same_version_is_replaced()
    {
        await WriteAsync("a", 2, Noon, "old");
        await WriteAsync("a", 3, Noon, "other");
        await WriteAsync("a", 2, Noon, "new");

        var read = await Snapshots.ReadSnapshotAsync(Stream("a"), new(2), null, Token);
        Assert.Equal("new", Encoding.UTF8.GetString(read!.Payload.Span));
    }

    [Fact]
    public async Task The_oldest_beyond_the_number_kept_go()
    {
        for (var version = 1; version <= ISnapshotStore.KeptMax + 3; version++) await WriteAsync("a", version, Noon);
        await WriteAsync("b", 1, Noon);

        Assert.Null(await FindAsync("a", 3));
        Assert.Equal(4, await FindAsync("a", 4));
        Assert.Equal(ISnapshotStore.KeptMax + 3, await FindAsync("a", long.MaxValue));
        Assert.Equal(1, await FindAsync("b", 1));
    }

    [Fact]
    public async Task A_snapshot_leaves_the_stream_as_it_is()
    {
        var stream = Stream("a");
        await WriteAsync("a", 5, Noon);
        Assert.Equal(new StreamHead(stream, default, At(stream, 0), null, null), await HeadAsync(stream));
        Assert.Equal(
            new(AppendOutcome.Appended, new(1), At(stream, 1), Noon),
            await CommitAsync(Append(stream, ExpectedVersion.NoStream, "a")));
        Assert.Equal("a", await TextsAsync(stream));
    }

    [Fact]
    public async Task A_snapshot_of_what_was_cleared_is_ignored_however_late_it_is_written()
    {
        var stream = Stream("a");
        await AppendAsync(stream, "a", "b", "c");
        await CommitAsync(Clear(stream));
        await WriteAsync("a", 3, Noon);
        Assert.Null(await FindAsync("a", long.MaxValue));

        await AppendAsync(stream, "d");
        await WriteAsync("a", 1, Noon, "new", position: 5);
        await WriteAsync("a", 1, Noon, "old");
        await WriteAsync("a", 4, Noon, "at the clearing");
        Use(await Data.ReopenAsync());
        await WriteAsync("a", 2, Noon, "older");
        var read = await Snapshots.ReadSnapshotAsync(stream, new(long.MaxValue), null, Token);
        Assert.Equal((1, "new"), (read!.Version.Value, Encoding.UTF8.GetString(read.Payload.Span)));
    }

    private ValueTask WriteAsync(
        string key, long version, DateTimeOffset timestamp, string state = "state", long? position = null) =>
        Snapshots.WriteSnapshotAsync(
            new()
            {
                Stream = Stream(key),
                Version = new(version),
                Position = At(Stream(key), position ?? version),
                Timestamp = timestamp,
                Fingerprint = "f",
                Checksum = 1,
                Payload = Encoding.UTF8.GetBytes(state),
            },
            Token);

    private static async Task<string?> StateAsync(ISnapshotStore snapshots)
    {
        var read = await snapshots.ReadSnapshotAsync(Stream("a"), new(long.MaxValue), null, Token);
        return read is null ? null : Encoding.UTF8.GetString(read.Payload.Span);
    }

    private async Task<long?> FindAsync(string key, long atMost, DateTimeOffset? notAfter = null) =>
        (await Snapshots.ReadSnapshotAsync(Stream(key), new(atMost), notAfter, Token))?.Version.Value;
}
