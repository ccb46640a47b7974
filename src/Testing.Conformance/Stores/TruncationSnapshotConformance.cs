namespace Granary.Testing.Conformance.Stores;

/// <summary>
/// What a store keeps of a truncated stream's snapshots: one of them takes the place of what is removed.
/// </summary>
public abstract class TruncationSnapshotConformance<TStore> : StoreConformance<TStore>
    where TStore : TestStore, new()
{
    [Fact]
    public async Task Snapshots_of_earlier_versions_go_and_later_ones_stay()
    {
        var streams = Together(2);
        foreach (var stream in streams)
        {
            await AppendAsync(stream, "a", "b", "c", "d");
            for (var version = 1; version <= 4; version++) await WriteSnapshotAsync(stream, version);
        }

        await TruncateAsync(streams[0], before: 3);
        Assert.Equal([null, null, 3, 4], await SnapshotsAsync(streams[0]));
        Assert.Equal([1, 2, 3, 4], await SnapshotsAsync(streams[1]));

        // One that comes late does not bring back what was removed.
        await WriteSnapshotAsync(streams[0], 2);
        await WriteSnapshotAsync(streams[0], 3);
        Assert.Equal([null, null, 3, 4], await SnapshotsAsync(streams[0]));
    }

    [Fact]
    public async Task The_snapshot_of_the_version_at_which_the_stream_begins_is_kept_beside_the_newest()
    {
        const int length = ISnapshotStore.KeptMax + 6;
        var stream = Stream("base");
        await AppendAsync(stream, Enumerable.Repeat("x", length).ToArray());
        for (var version = 1; version <= 4; version++) await WriteSnapshotAsync(stream, version);
        await TruncateAsync(stream, before: 3);
        for (var version = 5; version <= length; version++) await WriteSnapshotAsync(stream, version);
        Assert.Equal([null, null, 3, null], await SnapshotsAsync(stream));

        // What another truncation begins at takes its place.
        await TruncateAsync(stream, before: length - 1);
        Assert.Equal([null, null, null, null], await SnapshotsAsync(stream));
        Assert.Null(await Snapshots.ReadSnapshotAsync(stream, new(length - 2), null, Token));
        Assert.NotNull(await Snapshots.ReadSnapshotAsync(stream, new(length - 1), null, Token));
    }

    [Fact]
    public async Task The_snapshot_of_a_truncation_is_kept_with_it_and_nothing_prunes_or_replaces_it()
    {
        const int length = 2 * ISnapshotStore.KeptMax;
        var stream = Stream("with base");
        await AppendAsync(stream, Enumerable.Repeat("x", length).ToArray());

        // Newer ones are there already, as many as are kept, and one of the version itself.
        for (var version = 3; version <= length; version++) await WriteSnapshotAsync(stream, version);
        await WriteSnapshotAsync(stream, 3);
        Assert.True(await TruncateAsync(stream, before: 3, "base"));

        Assert.Equal("base", await StateAsync(stream, 3));
        Use(await Data.OpenAsync());
        await WriteSnapshotAsync(stream, 3);
        for (var version = 4; version <= length; version++) await WriteSnapshotAsync(stream, version);
        Assert.Equal("base", await StateAsync(stream, 3));
        Assert.Equal("state", await StateAsync(stream, length));
        Assert.Equal([null, null, 3, null], await SnapshotsAsync(stream));

        Assert.True(await TruncateAsync(stream, before: length - 2, "next"));
        Assert.Null(await StateAsync(stream, length - 3));
        Assert.Equal("next", await StateAsync(stream, length - 2));
        Assert.Equal("state", await StateAsync(stream, length - 1));
    }

    [Fact]
    public async Task The_snapshot_of_a_truncation_that_removes_nothing_is_not_kept()
    {
        var stream = await TruncatedAsync("no base", events: 5, before: 3);
        Assert.True(await TruncateAsync(stream, before: 3, "late"));
        Assert.Null(await StateAsync(stream, 5));
        await CommitAsync(Clear(stream));
        await AppendAsync(stream, "a", "b", "c");

        var old = new Truncation(stream, new(4), At(stream, 4), SnapshotOf(stream, 4, At(stream, 4), "old"));
        Assert.False(await Events.TruncateAsync(old, Token));
        Assert.Null(await StateAsync(stream, 5));
    }

    [Fact]
    public async Task A_new_generation_keeps_and_replaces_its_snapshots_whatever_the_old_one_began_at()
    {
        var stream = Stream("new generation");
        await AppendAsync(stream, "a", "b", "c", "d");
        await TruncateAsync(stream, before: 3, "base");
        await CommitAsync(Clear(stream));
        const int length = ISnapshotStore.KeptMax + 5;
        await AppendAsync(stream, Enumerable.Repeat("x", length).ToArray());
        foreach (var state in new[] { "first", "second" })
        {
            await Snapshots.WriteSnapshotAsync(SnapshotOf(stream, 3, At(stream, 8), state), Token);
            Assert.Equal(state, await StateAsync(stream, 3));
        }

        for (var version = 4; version <= length; version++)
            await Snapshots.WriteSnapshotAsync(SnapshotOf(stream, version, At(stream, 5 + version), "x"), Token);
        Assert.Null(await StateAsync(stream, 3));
    }

    [Fact]
    public async Task A_snapshot_of_another_event_is_refused()
    {
        var stream = Stream("other base");
        await AppendAsync(stream, "a", "b", "c");
        Snapshot[] wrong =
        [
            SnapshotOf(stream, 1, At(stream, 1), "s"), SnapshotOf(stream, 2, At(stream, 3), "s"),
            SnapshotOf(Stream("x"), 2, At(stream, 2), "s"),
        ];
        foreach (var snapshot in wrong)
        {
            await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Events.TruncateAsync(
                new(stream, new(2), At(stream, 2), snapshot), Token));
        }

        Assert.Equal("a b c", await TextsAsync(stream));
    }

    private async Task<StreamName> TruncatedAsync(string key, int events, long before)
    {
        await AppendAsync(Stream(key), Enumerable.Range(1, events).Select(static at => $"{at}").ToArray());
        Assert.True(await TruncateAsync(Stream(key), before));
        return Stream(key);
    }

    // Before the event of that version of the current generation, wherever it is.
    private async Task<bool> TruncateAsync(StreamName stream, long before, string? state = null)
    {
        var stays = (await LogOfAsync(stream)).Last(one => one.Stream == stream && one.Version.Value == before);
        var snapshot = state is null ? null : SnapshotOf(stream, before, stays.Position, state);
        return await Events.TruncateAsync(new(stream, new(before), stays.Position, snapshot), Token);
    }

    private static Snapshot SnapshotOf(StreamName stream, long version, LogPosition position, string state) => new()
    {
        Stream = stream,
        Version = new(version),
        Position = position,
        Timestamp = Noon,
        Fingerprint = "f",
        Checksum = 1,
        Payload = System.Text.Encoding.UTF8.GetBytes(state),
    };

    private async Task<string?> StateAsync(StreamName stream, long atMost) =>
        await Snapshots.ReadSnapshotAsync(stream, new(atMost), null, Token) is { } found
            ? System.Text.Encoding.UTF8.GetString(found.Payload.Span)
            : null;

    private async Task WriteSnapshotAsync(StreamName stream, long version)
    {
        var of = (await LogOfAsync(stream)).Single(one => one.Stream == stream && one.Version.Value == version);
        await Snapshots.WriteSnapshotAsync(SnapshotOf(stream, version, of.Position, "state"), Token);
    }

    // Of versions 1 to 4 which have a snapshot: null where the newest up to it is of another one.
    private async Task<IEnumerable<long?>> SnapshotsAsync(StreamName stream)
    {
        var found = new List<long?>();
        for (var version = 1; version <= 4; version++)
        {
            var snapshot = await Snapshots.ReadSnapshotAsync(stream, new(version), null, Token);
            found.Add(snapshot?.Version.Value == version ? version : null);
        }

        return found;
    }
}
