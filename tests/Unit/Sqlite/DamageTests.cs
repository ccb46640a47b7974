using System.Globalization;
using System.Text;
using Granary.Storage.Sqlite;
using static Granary.Tests.Unit.Sqlite.SqliteFolder;

namespace Granary.Tests.Unit.Sqlite;

/// <summary>
/// One byte of the file is changed, in each page of it, so in every table and every index. What does not use the page
/// is answered as before; what uses it, and something does for every page, fails with
/// <see cref="StoreCorruptException"/>.
/// </summary>
public sealed class DamageTests
{
    private const int Streams = 600;
    private const int Snapshots = 20;
    private const int Checkpoints = 200;
    private const string Refused = "refused";

    [Fact]
    public async Task Nothing_wrong_is_served_whichever_byte_of_the_file_is_damaged()
    {
        await using var folder = new SqliteFolder();
        await FillAsync(folder);
        var undamaged = await File.ReadAllBytesAsync(folder.Path, Token);
        var before = await AnswersAsync(undamaged);
        Assert.DoesNotContain(Refused, before.Values);

        var pages = undamaged.Length / ChecksummedFiles.PageSize;
        Assert.True(pages > 50, $"{pages} pages");
        for (var page = 0; page < pages; page++)
        {
            foreach (var offset in OffsetsIn(page))
            {
                var at = page * ChecksummedFiles.PageSize + offset;
                var damaged = (byte[])undamaged.Clone();
                damaged[at] ^= (byte)(1 << page % 8);
                var after = await AnswersAsync(damaged);
                var damage = $"With byte {at} (page {page + 1}) changed,";
                foreach (var (question, answer) in after.Where(static one => one.Value != Refused))
                {
                    Assert.True(answer == before[question],
                        $"{damage} {question} is answered {answer} instead of {before[question]}.");
                }

                Assert.True(after.ContainsValue(Refused), $"{damage} nothing is refused, though every page is read.");
            }
        }
    }

    [Theory]
    [InlineData(512)]
    [InlineData(4_096)]
    [InlineData(ChecksummedFiles.PageSize)]
    public async Task Nothing_wrong_is_served_whichever_pages_end_is_lost_with_its_checksum(int lost)
    {
        await using var folder = new SqliteFolder();
        await FillAsync(folder);
        var undamaged = await File.ReadAllBytesAsync(folder.Path, Token);
        var before = await AnswersAsync(undamaged);

        for (var end = ChecksummedFiles.PageSize; end <= undamaged.Length; end += ChecksummedFiles.PageSize)
        {
            var damaged = (byte[])undamaged.Clone();
            damaged.AsSpan(end - lost, lost).Clear();

            // A snapshot may be longer than what is lost. Whoever uses one compares its own checksum.
            foreach (var (question, answer) in await AnswersAsync(damaged))
            {
                if (question.StartsWith("snapshot", StringComparison.Ordinal)) continue;
                Assert.True(answer == Refused || answer == before[question],
                    $"With {lost} bytes before {end} lost, {question} is answered {answer}, not {before[question]}.");
            }
        }
    }

    [Fact]
    public async Task Each_page_of_a_closed_file_has_a_checksum_and_none_in_the_write_ahead_log()
    {
        await using var folder = new SqliteFolder();
        var store = await FillAsync(folder, close: false);
        AssertChecksums(await File.ReadAllBytesAsync(folder.WalPath, Token), header: 32, frame: 24, present: false);
        await store.DisposeAsync();
        AssertChecksums(await File.ReadAllBytesAsync(folder.Path, Token), header: 0, frame: 0, present: true);
    }

    [Fact]
    public async Task A_foreign_program_that_only_reads_damages_nothing_even_after_a_crash()
    {
        await using var folder = new SqliteFolder();
        await using var crashed = new SqliteFolder();
        await FillAsync(folder, close: false);
        folder.CopyTo(crashed);

        // It recovers the write-ahead log and, as the last to close the file, moves it into the file.
        Assert.Equal((long)Streams, crashed.ForeignSql("SELECT count(*) FROM streams"));
        Assert.False(File.Exists(crashed.WalPath));

        Assert.NotEmpty(await ReadLogAsync(await crashed.OpenAsync(partitions: 2)));
    }

    [Fact]
    public async Task What_a_foreign_program_changes_is_detected()
    {
        await using var folder = new SqliteFolder();
        await FillAsync(folder);
        folder.ForeignSql("DELETE FROM heads WHERE stream = 1");

        var store = await folder.OpenAsync(partitions: 2);

        await Assert.ThrowsAsync<StoreCorruptException>(() => HeadAsync(store, "0"));
    }

    [Fact]
    public async Task A_file_that_was_cut_is_detected()
    {
        await using var folder = new SqliteFolder();
        await FillAsync(folder);
        using (var file = new FileStream(folder.Path, FileMode.Open)) file.SetLength(file.Length / 2);

        await Assert.ThrowsAsync<StoreCorruptException>(async () =>
        {
            var store = await folder.OpenAsync(partitions: 2);
            for (var partition = 0; partition < 2; partition++) await ReadLogAsync(store, partition);
        });
    }

    // One in each half of the page, at another distance from its start in each page.
    private static int[] OffsetsIn(int page)
    {
        const int Half = ChecksummedFiles.PageSize / 2;
        return [page * 977 % Half, Half + page * 3_331 % Half];
    }

    // Each table and each index has several pages, or at least a row.
    private static async Task<SqliteEventStore> FillAsync(SqliteFolder folder, bool close = true)
    {
        var store = await folder.OpenAsync(partitions: 2);
        await BeginAsync(store, at => at % 3 + 1, every: 1);
        await CommitAsync(store, Of(Key(1), ExpectedVersion.Any, events: 300));
        await CommitAsync(store, Of(Key(2), ExpectedVersion.Any, data: $"\"{new string('x', 20_000)}\""));
        foreach (var cleared in new[] { 5, 6, 6 })
        {
            await CommitAsync(store, Clear(Key(cleared)));
            await CommitAsync(store, Of(Key(cleared), ExpectedVersion.NoStream));
        }

        foreach (var truncated in new[] { 1, 6, 8 }) await TruncateAsync(store, Key(truncated));
        var snapshots = new SqliteSnapshotStore(store);
        for (var at = 0; at < Snapshots; at++) await snapshots.WriteSnapshotAsync(SnapshotOf(at), Token);
        var checkpoints = new SqliteCheckpointStore(store);
        for (var at = 0; at < Checkpoints; at++) Assert.True(await checkpoints.AdvanceAsync(AdvanceOf(at), Token));
        await store.Maintenance.RunDueMaintenanceAsync();
        for (var at = 0; at < 5; at++) await CommitAsync(store, Of(Key(7), ExpectedVersion.Any, events: 300));
        if (close) await store.DisposeAsync();
        return store;
    }

    private static async Task<Dictionary<string, string>> AnswersAsync(byte[] file)
    {
        await using var folder = new SqliteFolder();
        Directory.CreateDirectory(Path.GetDirectoryName(folder.Path)!);
        await File.WriteAllBytesAsync(folder.Path, file, Token);
        var answers = new Dictionary<string, string>();
        SqliteEventStore store;
        try
        {
            store = await folder.OpenAsync(partitions: 2);
        }
        catch (Exception fault) when (fault is StoreCorruptException or StoreSchemaException)
        {
            return new() { ["opening"] = Refused };
        }

        answers["opening"] = "opened";
        async Task AskAsync(string question, Func<Task<string>> answer) =>
            answers[question] = await AnswerAsync(answer);

        for (var partition = 0; partition < 2; partition++)
        {
            var of = partition;
            await AskAsync($"log {of}", async () => Shown(await ReadLogAsync(store, of)));
        }

        foreach (var at in new[] { 0, 1, 2, 3, 5, 6, 8, 350, 599 })
        {
            await AskAsync($"stream {at}", async () => Shown(await ReadAsync(store, Key(at))));
            await AskAsync($"end of {at}", async () => Shown(await ReadAsync(store, Key(at), after: 200)));
        }

        for (var number = 0; number < Snapshots; number++)
        {
            var at = number;
            await AskAsync($"snapshot {at}", () => SnapshotAsync(store, at));
        }

        var checkpoints = new SqliteCheckpointStore(store);
        for (var number = 0; number < Checkpoints; number++)
        {
            var advance = AdvanceOf(number);
            await AskAsync(advance.Name, async () =>
                $"{await checkpoints.ReadAsync(advance.Name, advance.Partition, Token)}");
        }

        await AskAsync("checkpoints", async () =>
            string.Join(' ', (await checkpoints.ReadAllAsync(Token)).OrderBy(static one => one.Name)));
        await AskAsync("streams", async () =>
            string.Join(' ', (await store.ReadStreamsAsync(null, null, Streams, Token)).Streams));
        await AskAsync("absent", async () => $"{await HeadAsync(store, "absent")}");
        for (var at = 0; at < Streams; at += 7)
        {
            var key = Key(at);
            await AskAsync($"head {at}", async () => $"{await HeadAsync(store, key)}");
        }

        await AskAsync("second beginnings", () => BeginAsync(store, static _ => 1, every: 3));

        await AskAsync("begin", async () =>
            (await CommitAsync(store, Of("new", ExpectedVersion.NoStream))).Outcome.ToString());
        return answers;
    }

    private static async Task<string> AnswerAsync(Func<Task<string>> answer)
    {
        try
        {
            return await answer();
        }
        catch (StreamTruncatedException fault)
        {
            return $"begins at {fault.First}";
        }
        catch (StoreCorruptException)
        {
            return Refused;
        }
    }

    // All but the last event are removed.
    private static async Task TruncateAsync(SqliteEventStore store, string key)
    {
        await CommitAsync(store, Of(key, ExpectedVersion.Any, events: 2));
        var head = await HeadAsync(store, key);
        Assert.True(await store.TruncateAsync(new(head.Stream, head.Version, head.Position), Token));
    }

    private static CheckpointAdvance AdvanceOf(int at) =>
        new($"checkpoint {at} of a reader of the log", new(at % 2), default, new(1_000 + at), at);

    // Appends to streams as if they were new; their outcomes.
    private static async Task<string> BeginAsync(SqliteEventStore store, Func<int, int> events, int every)
    {
        var outcomes = new StringBuilder();
        var appends = Enumerable.Range(0, Streams / every)
            .Select(at => Of(Key(at * every), ExpectedVersion.NoStream, events(at * every)));
        foreach (var ofPartition in appends.GroupBy(append => LogPartition.Of(append.Stream, 2)))
        {
            var batch = new AppendBatch(ofPartition.Key, Noon, [.. ofPartition]);
            await store.CommitAsync(batch, Token);
            outcomes.AppendJoin(' ', batch.Results.Select(static one => one.Outcome));
        }

        return outcomes.ToString();
    }

    private static async Task<string> SnapshotAsync(SqliteEventStore store, int at)
    {
        var read = await new SqliteSnapshotStore(store)
            .ReadSnapshotAsync(new("test", Key(at)), new(long.MaxValue), null, Token);
        return read is null
            ? "none"
            : $"{read.Version} {read.Position} {read.Timestamp:O} {read.Fingerprint} {read.Checksum} "
                + Convert.ToHexString(read.Payload.Span);
    }

    private static Snapshot SnapshotOf(int at) => new()
    {
        Stream = new("test", Key(at)),
        Version = new(1),
        Position = new(default, new(1)),
        Timestamp = Noon,
        Fingerprint = "shape",
        Checksum = (ulong)at,
        Payload = Encoding.UTF8.GetBytes(new string('s', at * 60)),
    };

    private static string Shown(IReadOnlyList<RecordedEvent> events)
    {
        var text = new StringBuilder();
        foreach (var one in events)
            text.Append(
                CultureInfo.InvariantCulture,
                $"{one.Position} {one.Stream} {one.Version} {one.Id} {one.AppendId} {one.Type} {one.Timestamp:O} ")
                .Append(one.ContentType).Append(Encoding.UTF8.GetString(one.Payload.Span)).Append('\n');
        return text.ToString();
    }

    private static string Key(int at) => at.ToString(CultureInfo.InvariantCulture);

    private static void AssertChecksums(byte[] file, int header, int frame, bool present)
    {
        var size = frame + ChecksummedFiles.PageSize;
        Assert.True(file.Length > header + 10 * size);
        for (var page = header; page + size <= file.Length; page += size)
        {
            var checksum = BitConverter.ToUInt64(file, page + size - ChecksummedFiles.ChecksumSize);
            Assert.True(checksum != 0 == present, $"Page at {page} has checksum {checksum}.");
        }
    }
}
