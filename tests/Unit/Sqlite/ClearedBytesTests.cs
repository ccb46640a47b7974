using System.Text;
using Granary.Storage.Sqlite;
using Microsoft.Extensions.Time.Testing;
using static Granary.Tests.Unit.Sqlite.SqliteFolder;

namespace Granary.Tests.Unit.Sqlite;

/// <summary>
/// What was cleared or truncated is in no byte of the files, once it is scrubbed and the maintenance after that has
/// run.
/// </summary>
public sealed class ClearedBytesTests
{
    private const string Secret = "TheSecretOfTheClearedStream";

    public enum StreamRemoval
    {
        Clearing,
        Truncation,
    }

    [Theory]
    [InlineData(StreamRemoval.Clearing)]
    [InlineData(StreamRemoval.Truncation)]
    public async Task Nothing_of_a_removed_event_is_left_in_the_files(StreamRemoval removal)
    {
        await using var folder = new SqliteFolder();
        var store = await folder.OpenAsync(flush: 10);
        await FillAsync(store);
        await store.Maintenance.RunDueMaintenanceAsync();
        Assert.True(IsInFiles(folder));

        await RemoveAsync(store, removal);
        do
        {
            await store.Maintenance.RunDueMaintenanceAsync();
            Assert.True(IsInFiles(folder));
        }
        while (await store.ScrubAsync(7, Token));

        await store.Maintenance.RunDueMaintenanceAsync();
        Assert.False(IsInFiles(folder));
        Assert.False(store.Maintenance.MustTruncate);
        Assert.Equal(60, (await ReadAsync(store, "open")).Count);
    }

    [Theory]
    [InlineData(StreamRemoval.Clearing)]
    [InlineData(StreamRemoval.Truncation)]
    public async Task What_a_killed_process_left_of_removed_events_goes_at_the_next_start(StreamRemoval removal)
    {
        await using var folder = new SqliteFolder();
        await using var killed = new SqliteFolder();
        var store = await folder.OpenAsync();
        await FillAsync(store);
        await store.Maintenance.RunDueMaintenanceAsync();

        await RemoveWithoutMaintenanceAsync(store, removal, () => folder.CopyTo(killed));
        Assert.True(IsInFiles(killed));

        var next = await killed.OpenAsync();
        await ScrubAsync(next);

        Assert.False(IsInFiles(killed));
        await AssertRemovedAsync(next, removal);
    }

    [Theory]
    [InlineData(StreamRemoval.Clearing)]
    [InlineData(StreamRemoval.Truncation)]
    public async Task What_a_killed_process_left_of_removed_events_goes_while_another_process_lives(
        StreamRemoval removal)
    {
        await using var folder = new SqliteFolder();
        var (killed, living) = (await folder.OpenAsync(), await folder.OpenAsync());
        await FillAsync(killed);
        Assert.Equal(60, (await ReadAsync(living, "open")).Count);
        await killed.Maintenance.RunDueMaintenanceAsync();
        await living.Maintenance.RunDueMaintenanceAsync();

        await RemoveWithoutMaintenanceAsync(killed, removal);
        Assert.True(IsInFiles(folder));
        await AssertRemovedAsync(living, removal);
        await ScrubAsync(living);

        Assert.False(IsInFiles(folder));
    }

    [Theory]
    [InlineData(StreamRemoval.Clearing)]
    [InlineData(StreamRemoval.Truncation)]
    public async Task What_a_process_that_was_killed_after_its_last_step_left_goes_while_another_process_lives(
        StreamRemoval removal)
    {
        await using var folder = new SqliteFolder();
        var (killed, living) = (await folder.OpenAsync(), await folder.OpenAsync());
        await FillAsync(killed);
        await RemoveWithoutMaintenanceAsync(killed, removal);
        await SettleAsync(living);
        await ScrubAsync(living);
        Assert.False(IsInFiles(folder));

        // The other one knows of the clearing before it is scrubbed, and has nothing to truncate for it any more.
        await FillAsync(killed);
        await SettleAsync(killed);
        await RemoveWithoutMaintenanceAsync(killed, removal);
        await AssertRemovedAsync(living, removal);
        await SettleAsync(living);
        await ScrubWithoutMaintenanceAsync(killed);
        await living.Maintenance.RunDueMaintenanceAsync();
        Assert.True(IsInFiles(folder));
        Assert.False(await living.ScrubAsync(1, Token));
        await living.Maintenance.RunDueMaintenanceAsync();

        Assert.False(IsInFiles(folder));
    }

    [Theory]
    [InlineData(StreamRemoval.Clearing)]
    [InlineData(StreamRemoval.Truncation)]
    public async Task While_a_reader_holds_the_old_bytes_their_removal_is_tried_again_every_second(
        StreamRemoval removal)
    {
        await using var folder = new SqliteFolder();
        var time = new FakeTimeProvider(Noon);
        var store = await folder.OpenAsync(new SqliteEventStore(folder.Options(), time: time));
        await FillAsync(store);
        await store.Maintenance.RunDueMaintenanceAsync();
        await using (var reader = folder.Connect())
        {
            using var transaction = reader.BeginTransaction(deferred: true);
            using var command = reader.CreateCommand();
            command.CommandText = "SELECT count(*) FROM log_0";
            command.Transaction = transaction;
            Assert.Equal(120L, command.ExecuteScalar());
            await RemoveAsync(store, removal);
            await ScrubAsync(store);
            Assert.True(store.Maintenance.MustTruncate);
            Assert.True(IsInFiles(folder));
        }

        while (store.Maintenance.MustTruncate)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await HeadAsync(store, "open");
        }

        // The retry in flight has begun; this waits for its end.
        await store.Maintenance.RunDueMaintenanceAsync();
        Assert.False(IsInFiles(folder));
    }

    [Fact]
    public async Task A_snapshot_that_is_replaced_or_pruned_leaves_no_bytes_of_a_stream_that_is_cleared_later()
    {
        await using var folder = new SqliteFolder();
        var store = await folder.OpenAsync();
        await FillAsync(store);
        var snapshots = new SqliteSnapshotStore(store);
        for (var version = 1; version <= 2 * ISnapshotStore.KeptMax; version++)
            await snapshots.WriteSnapshotAsync(SnapshotOf(version), Token);

        await CommitAsync(store, Clear("secret"));
        await ScrubAsync(store);

        Assert.False(IsInFiles(folder));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(7)]
    public async Task Nothing_is_left_where_events_and_snapshots_were_before_SQLite_moved_them_to_other_pages(int seed)
    {
        const int streams = 40;
        await using var folder = new SqliteFolder();
        var store = await folder.OpenAsync(flush: 100);
        var random = new Random(seed);
        for (var at = 0; at < 600; at++) await AddAsync(store, random.Next(streams), random);

        // What is cleared leaves pages nearly empty: SQLite merges them with those beside, which have other streams.
        List<int> cleared = [];
        foreach (var stream in Enumerable.Range(0, streams).OrderBy(_ => random.Next()).ToArray())
        {
            await CommitAsync(store, Clear($"{stream}"));
            await ScrubAsync(store);
            await SettleAsync(store);
            cleared.Add(stream);
            Assert.DoesNotContain(cleared, one => IsInFiles(folder, SecretOf(one)));
        }
    }

    private static async Task RemoveAsync(SqliteEventStore store, StreamRemoval removal)
    {
        if (removal == StreamRemoval.Clearing) await CommitAsync(store, Clear("secret"));
        else Assert.True(await store.TruncateAsync(await TruncationAsync(store), Token));
    }

    // Between a removal and the maintenance after it, which waits for its turn at the writer.
    private static async Task RemoveWithoutMaintenanceAsync(
        SqliteEventStore store, StreamRemoval removal, Action? then = null)
    {
        var truncation = await TruncationAsync(store);
        var first = new EventAddress(truncation.Before.Value, truncation.Position.Position.Value);
        await store.Writer.UseAsync(
            session =>
            {
                var batch = new AppendBatch(default, Noon, [Clear("secret")]);
                var commit = new CommitTransaction(store.IndexOf(0), store.Names);
                Assert.True(session.Write(writing => removal == StreamRemoval.Clearing
                    ? commit.TryRun(writing, batch)
                    : TruncateTransaction.Run(
                        writing, store.IndexOf(0), store.Names.FindStream(writing, truncation.Stream)!.Value, first,
                        snapshot: null).HasChanged));
                then?.Invoke();
            },
            Token);
    }

    // All of the secret events are before the one that stays, which is none.
    private static async Task<Truncation> TruncationAsync(SqliteEventStore store)
    {
        var stays = await CommitAsync(store, Of("secret", ExpectedVersion.Any));
        await store.Maintenance.RunDueMaintenanceAsync();
        return new(new("test", "secret"), stays.Version, stays.Position);
    }

    private static async Task AssertRemovedAsync(SqliteEventStore store, StreamRemoval removal)
    {
        if (removal == StreamRemoval.Clearing) Assert.Empty(await ReadAsync(store, "secret"));
        else await Assert.ThrowsAsync<StreamTruncatedException>(() => ReadAsync(store, "secret"));
    }

    // As a silo does, and what it requests of the maintenance.
    private static async Task ScrubAsync(SqliteEventStore store)
    {
        while (await store.ScrubAsync(7, Token))
        {
        }

        await store.Maintenance.RunDueMaintenanceAsync();
    }

    private static ValueTask ScrubWithoutMaintenanceAsync(SqliteEventStore store) => store.Writer.WriteAsync(
        session => Assert.False(new Scrub([store.IndexOf(0)], store.Names).Run(session, int.MaxValue).More), Token);

    private static string SecretOf(int stream) => $"<{Secret} {stream}>";

    private static async Task AddAsync(SqliteEventStore store, int stream, Random random)
    {
        var text = string.Concat(Enumerable.Repeat(SecretOf(stream), random.Next(100)));
        var landed = await CommitAsync(store, Of($"{stream}", ExpectedVersion.Any, data: $"\"{text}\""));
        if (random.Next(3) != 0) return;
        await new SqliteSnapshotStore(store).WriteSnapshotAsync(SnapshotOf($"{stream}", landed, text), Token);
    }

    // Short and long payloads, between those of another stream, so that pages are shared.
    private static async Task FillAsync(SqliteEventStore store)
    {
        for (var at = 0; at < 60; at++)
        {
            var text = string.Concat(Enumerable.Repeat(Secret, at % 10 == 0 ? 2_000 : 3));
            var secret = new NewEvent(Guid.CreateVersion7(Noon), "happened", Encoding.UTF8.GetBytes($"\"{text}\""))
            {
                Metadata = EventMetadata.Of([new("actor", Secret)]),
            };
            await CommitAsync(store, new Append(
                new("test", "secret"), ExpectedVersion.Any, new(Guid.CreateVersion7(Noon)), [secret]));
            await CommitAsync(store, Of("open", ExpectedVersion.Any));
        }

        await new SqliteSnapshotStore(store).WriteSnapshotAsync(SnapshotOf(60), Token);
    }

    private static Snapshot SnapshotOf(int version) => SnapshotOf(
        "secret",
        new AppendResult(AppendOutcome.Appended, new(version), new(default, new(version)), Noon),
        string.Concat(Enumerable.Repeat(Secret, 1_000)));

    private static Snapshot SnapshotOf(string key, AppendResult landed, string text) => new()
    {
        Stream = new("test", key),
        Version = landed.Version,
        Position = landed.Position,
        Timestamp = landed.Timestamp,
        Fingerprint = "shape",
        Checksum = 1,
        Payload = Encoding.UTF8.GetBytes(text),
    };

    private static bool IsInFiles(SqliteFolder folder, string secret = Secret) =>
        new[] { folder.Path, folder.WalPath }.Where(File.Exists).Any(path =>
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(secret)) >= 0;
        });
}
