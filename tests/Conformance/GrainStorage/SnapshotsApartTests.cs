using System.Text;
using Granary.Runtime;
using Granary.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Granary.Tests.Conformance.GrainStorage;

/// <summary>
/// What a crash, a race or a storage that fails may do to snapshots that are not where the events are.
/// </summary>
public sealed class SnapshotsApartTests
{
    private static readonly StreamName Order = new("order", "1");

    private readonly ScriptedStorage _storage = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly MemorySnapshotStore _own = new();
    private readonly MemoryEventStore _memory;
    private readonly FaultInjectingEventStore _faults;
    private readonly OpenStore _store;

    public SnapshotsApartTests()
    {
        _memory = new MemoryEventStore(1, _own);
        _faults = new FaultInjectingEventStore(_memory);
        _store = Open();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Where_the_silo_is_killed_before_it_has_ended_a_clearing_nothing_of_the_stream_is_left()
    {
        await AppendAsync(3);
        await WriteAsync(3, "c2VjcmV0");

        // The storage cannot be reached any more when the events are cleared: the silo is as good as killed.
        var gate = _faults.HoldNextCommit();
        var clearing = ClearAsync(_store);
        await gate.Reached;
        _storage.Fails = true;
        gate.Open();
        Assert.Equal(AppendOutcome.Appended, (await clearing).Outcome);
        _storage.Fails = false;

        Assert.DoesNotContain(Convert.ToBase64String("c2VjcmV0"u8), _storage.Content, StringComparison.Ordinal);
        Assert.Null(await ReadAsync());

        // No snapshot of the next generation is kept until it is sure that nothing runs any more.
        await AppendAsync(2);
        await WriteAsync(2, "new", position: 6);
        Assert.Null(await ReadAsync());
        _time.Advance(TimeSpan.FromMinutes(11));
        await WriteAsync(2, "new", position: 6);
        Assert.Equal("new", await ReadAsync());
    }

    [Fact]
    public async Task A_snapshot_that_is_written_while_its_stream_is_cleared_is_not_kept()
    {
        await AppendAsync(3);

        // It has read the record, and found the event, when the whole clearing runs.
        _storage.BeforeWrite = async () => await ClearAsync(_store);
        await WriteAsync(3, "secret");
        Assert.DoesNotContain(Convert.ToBase64String("secret"u8), _storage.Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_snapshot_that_is_written_between_the_removal_and_the_clearing_is_not_kept()
    {
        await AppendAsync(3);
        var gate = _faults.HoldNextCommit();
        var clearing = ClearAsync(_store);
        await gate.Reached;
        await WriteAsync(3, "secret");
        Assert.DoesNotContain(Convert.ToBase64String("secret"u8), _storage.Content, StringComparison.Ordinal);
        gate.Open();
        await clearing;
        Assert.Null(await ReadAsync());
    }

    [Fact]
    public async Task A_snapshot_that_is_written_while_its_stream_is_truncated_after_it_is_not_kept()
    {
        await AppendAsync(3);
        var gate = _faults.HoldNextTruncation();
        var truncating = _store.Events.TruncateAsync(
            new(Order, new(3), At(3), SnapshotOf(3, "base", 3)), Token).AsTask();
        await gate.Reached;
        await WriteAsync(2, "secret");
        gate.Open();
        Assert.True(await truncating);
        Assert.DoesNotContain(Convert.ToBase64String("secret"u8), _storage.Content, StringComparison.Ordinal);
        Assert.Equal("base", await ReadAsync());
    }

    [Fact]
    public async Task A_clearing_that_conflicts_loses_no_snapshot()
    {
        await AppendAsync(3);
        await WriteAsync(3, "state");
        var result = await ClearAsync(_store, ExpectedVersion.Exactly(new(2)));

        Assert.Equal(AppendOutcome.Conflict, result.Outcome);
        Assert.Equal("state", await ReadAsync());
    }

    [Fact]
    public async Task What_one_clearing_puts_back_is_nothing_that_another_has_removed()
    {
        await AppendAsync(3);
        await WriteAsync(3, "secret");
        var gate = _faults.HoldNextCommit();
        var conflicting = ClearAsync(_store, ExpectedVersion.Exactly(new(2)));
        await gate.Reached;
        await ClearAsync(Open());
        gate.Open();
        await conflicting;
        Assert.DoesNotContain(Convert.ToBase64String("secret"u8), _storage.Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_older_snapshot_that_comes_late_replaces_no_newer_one()
    {
        await AppendAsync(5);
        var other = Open();
        _storage.BeforeWrite = async () => await other.Snapshots.WriteSnapshotAsync(SnapshotOf(5, "newer", 5), Token);
        await WriteAsync(3, "older");

        Assert.Equal("newer", await ReadAsync());
        Assert.Equal("older", await ReadAsync(atMost: 4));
    }

    [Fact]
    public async Task A_record_that_others_change_all_the_time_is_not_tried_for_ever()
    {
        await AppendAsync(5);
        var other = Open();
        async Task Interfere()
        {
            _storage.BeforeWrite = null;
            await other.Snapshots.WriteSnapshotAsync(SnapshotOf(1, "other", 1), Token);
            _storage.BeforeWrite = Interfere;
        }

        _storage.BeforeWrite = Interfere;
        await Assert.ThrowsAsync<StoreUnavailableException>(() => WriteAsync(5, "state"));
    }

    [Fact]
    public async Task A_snapshot_of_a_log_that_went_on_otherwise_after_a_restore_is_not_read()
    {
        await AppendAsync(3);
        await WriteAsync(3, "of the log before");
        var restored = new RestoredStore(_memory, await RestoreAsync());

        var opened = SnapshotsApart.Of(
            new(restored, new MemorySnapshotStore(), _store.Checkpoints, _store.Tail, _store.Streams), _storage, _time);
        Assert.Null(await opened.Snapshots.ReadSnapshotAsync(Order, new(9), null, Token));
        Assert.Equal("of the log before", await ReadAsync());
    }

    [Fact]
    public async Task A_grain_storage_that_fails_costs_no_other_stream_of_the_batch_its_answer()
    {
        await AppendAsync(3);
        await WriteAsync(3, "state");
        var other = new StreamName("order", "2");
        var batch = new AppendBatch(new(0), _time.GetUtcNow(),
        [
            Append.Clear(Order, ExpectedVersion.Any, AppendId.New(_time)), AppendOf(Order, 1), AppendOf(other, 2),
        ]);
        _storage.Fails = true;
        await Assert.ThrowsAsync<StoreUnavailableException>(
            () => _store.Events.CommitAsync(batch, Token).AsTask());

        Assert.Equal(
            [AppendOutcome.None, AppendOutcome.None, AppendOutcome.Appended],
            batch.Results.Select(static one => one.Outcome));
        Assert.Equal(3, (await _memory.ReadHeadAsync(Order, Token)).Version.Value);
        Assert.Equal(2, (await _memory.ReadHeadAsync(other, Token)).Version.Value);
        Assert.Null(await ReadAsync());
        _storage.Fails = false;
        Assert.Equal("state", await ReadAsync());
    }

    [Fact]
    public async Task What_the_snapshots_of_a_stream_hold_together_is_bounded_and_the_newest_is_kept()
    {
        await AppendAsync(5);
        for (var version = 1; version <= 4; version++)
            await WriteAsync(version, new string('s', SnapshotRecord.BytesMax / 3));
        Assert.Null(await ReadAsync(atMost: 1));
        Assert.NotNull(await ReadAsync(atMost: 2));
        await WriteAsync(5, new string('l', 2 * SnapshotRecord.BytesMax));
        Assert.Null(await ReadAsync(atMost: 4));
        Assert.Equal('l', (await ReadAsync())![0]);
    }

    private OpenStore Open() => SnapshotsApart.Of(
        new(_faults, _own, new MemoryCheckpointStore(), _memory, _memory), _storage, _time);

    private static LogPosition At(long position) => new(new(0), new(position));

    private Append AppendOf(StreamName stream, int count) => new(
        stream, ExpectedVersion.Any, AppendId.New(_time),
        Enumerable.Range(0, count).Select(_ => new NewEvent(Uuid7.New(_time), "order.changed", "{}"u8.ToArray()))
            .ToArray());

    private async Task AppendAsync(int count) =>
        await _memory.CommitAsync(AppendOf(Order, count), _time.GetUtcNow(), Token);

    private async Task<AppendResult> ClearAsync(OpenStore store, ExpectedVersion expected = default) =>
        await store.Events.CommitAsync(
            Append.Clear(Order, expected, AppendId.New(_time)), _time.GetUtcNow(), Token);

    private static Snapshot SnapshotOf(long version, string state, long position) => new()
    {
        Stream = Order,
        Version = new(version),
        Position = At(position),
        Timestamp = new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero),
        Fingerprint = "f",
        Checksum = 1,
        Payload = Encoding.UTF8.GetBytes(state),
    };

    private async Task WriteAsync(long version, string state, long? position = null) =>
        await _store.Snapshots.WriteSnapshotAsync(SnapshotOf(version, state, position ?? version), Token);

    private async Task<string?> ReadAsync(long atMost = long.MaxValue) =>
        await _store.Snapshots.ReadSnapshotAsync(Order, new(atMost), null, Token) is { } found
            ? Encoding.UTF8.GetString(found.Payload.Span)
            : null;

    // The log up to version 2, and another third event.
    private async Task<MemoryEventStore> RestoreAsync()
    {
        var restored = new MemoryEventStore();
        await foreach (var recorded in _memory.ReadStreamAsync(Order, default, Token))
        {
            var id = recorded.Version.Value == 3 ? Uuid7.New(_time) : recorded.Id;
            await restored.CommitAsync(
                new Append(Order, ExpectedVersion.Any, AppendId.New(_time),
                    [new NewEvent(id, recorded.Type, recorded.Payload)]),
                _time.GetUtcNow(), Token);
        }

        return restored;
    }
}
