using System.Buffers;
using System.Text;

namespace Granary.Tests.Cli;

public sealed class ExportImportTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 2)]
    public async Task What_is_exported_is_imported_as_it_was_and_once(int from, int to)
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var (source, target) = (await Stores.InMemoryAsync(from), await Stores.InMemoryAsync(to));
            await new History(source, seed).WriteAsync(150);
            var lines = await ExportAsync(source);

            await ImportAsync(target, lines);
            await Stores.AssertLogsAsync(source, target);
            var again = await ImportAsync(target, lines);

            await Stores.AssertLogsAsync(source, target);
            Assert.Equal(0, again.Imported);
        }
    }

    [Fact]
    public async Task An_import_that_was_cut_anywhere_is_completed_by_the_next()
    {
        var source = await Stores.InMemoryAsync(2);
        await new History(source, 3).WriteAsync(100);
        var lines = await ExportAsync(source);
        for (var cut = 0; cut < lines.Length; cut += 997)
        {
            var target = await Stores.InMemoryAsync(3);
            var end = cut;
            while (end > 0 && !EndsAppend(lines, end)) end--;
            await ImportAsync(target, lines[..end]);
            await ImportAsync(target, lines);
            await Stores.AssertLogsAsync(source, target);
        }
    }

    [Fact]
    public async Task An_old_export_imported_after_its_stream_was_cleared_brings_nothing_back()
    {
        var (source, target) = (await Stores.InMemoryAsync(1), await Stores.InMemoryAsync(1));
        var stream = new StreamName("orders", "1");
        for (var at = 0; at < 1_200; at++) await AppendAsync(source, stream, at);
        var old = await ExportAsync(source);
        await source.Events.CommitAsync(
            Append.Clear(stream, ExpectedVersion.Exactly(new(1_200)), AppendId.New(TimeProvider.System)),
            new DateTimeOffset(2021, 1, 1, 0, 0, 0, TimeSpan.Zero), Token);
        var whole = await ExportAsync(source);
        await ImportAsync(target, old);
        await ImportAsync(target, whole);
        await Stores.AssertLogsAsync(source, target);

        // More events than a store looks for a retry in, and at version 0 once more.
        var again = await ImportAsync(target, old);

        Assert.Equal((0, 1_200), (again.Imported, again.Found));
        await Stores.AssertLogsAsync(source, target);
    }

    [Fact]
    public async Task A_stream_with_other_events_is_refused_with_its_line()
    {
        var (source, target) = (await Stores.InMemoryAsync(1), await Stores.InMemoryAsync(1));
        await AppendAsync(source, new("orders", "0"), 0);
        await AppendAsync(source, new("orders", "1"), 0);
        await AppendAsync(target, new("orders", "1"), 0);

        var lines = await ExportAsync(source);
        var fault = await Assert.ThrowsAsync<CommandException>(() => ImportAsync(target, lines));

        Assert.Contains("Line 2:", fault.Message, StringComparison.Ordinal);
        Assert.Contains("orders/1", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_clearing_without_what_it_cleared_does_not_clear_what_came_later()
    {
        var (source, target) = (await Stores.InMemoryAsync(1), await Stores.InMemoryAsync(1));
        var stream = new StreamName("orders", "1");
        await AppendAsync(source, stream, 0);
        await source.Events.CommitAsync(
            Append.Clear(stream, ExpectedVersion.Any, AppendId.New(TimeProvider.System)),
            new DateTimeOffset(2020, 1, 2, 0, 0, 0, TimeSpan.Zero), Token);
        await target.Events.CommitAsync(
            new Append(
                stream, ExpectedVersion.NoStream, AppendId.New(TimeProvider.System),
                [new NewEvent(TimeProvider.System, "placed", "{}"u8.ToArray())]),
            new DateTimeOffset(2020, 1, 3, 0, 0, 0, TimeSpan.Zero), Token);

        var lines = await ExportAsync(source, after: "0:1");
        var fault = await Assert.ThrowsAsync<CommandException>(() => ImportAsync(target, lines));

        Assert.Contains("later than this clearing", fault.Message, StringComparison.Ordinal);
        Assert.Equal(1, (await target.Events.ReadHeadAsync(stream, Token)).Version.Value);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(6)]
    public async Task A_truncated_stream_is_truncated_where_it_is_imported(long before)
    {
        var (source, target) = (await Stores.InMemoryAsync(1), await Stores.InMemoryAsync(2));
        var stream = new StreamName("orders", "1");
        for (var at = 0; at < 2; at++) await AppendAsync(source, stream, at);
        var events = Enumerable.Range(0, 4)
            .Select(static _ => new NewEvent(TimeProvider.System, "placed", "{}"u8.ToArray())).ToArray();
        var several = new Append(
            stream, ExpectedVersion.Exactly(new(2)), AppendId.New(TimeProvider.System), events);
        await source.Events.CommitAsync(several, new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), Token);
        var log = await Stores.LogAsync(source, 0);
        Assert.True(await source.Events.TruncateAsync(
            new(stream, new(before), log[(int)before - 1].Position), Token));
        var lines = await ExportAsync(source);

        // Twice: what is there already is truncated no further.
        foreach (var _ in new[] { 1, 2 })
        {
            await ImportAsync(target, lines);
            var head = await target.Events.ReadHeadAsync(stream, Token);
            Assert.Equal((before, 6), (head.First.Value, head.Version.Value));
        }

        await Stores.AssertLogsAsync(source, target);
    }

    [Fact]
    public async Task A_truncated_stream_is_truncated_also_where_its_tombstones_were_imported_before()
    {
        var (source, target) = (await Stores.InMemoryAsync(1), await Stores.InMemoryAsync(1));
        var stream = new StreamName("orders", "1");
        for (var at = 0; at < 4; at++) await AppendAsync(source, stream, at);
        var log = await Stores.LogAsync(source, 0);
        await source.Events.TruncateAsync(new(stream, new(3), log[2].Position), Token);
        var lines = await ExportAsync(source);
        var cut = 0;
        for (var line = 0; line < 2; line++) cut += lines.AsSpan(cut).IndexOf((byte)'\n') + 1;

        await ImportAsync(target, lines[..cut]);
        Assert.Equal(1, (await target.Events.ReadHeadAsync(stream, Token)).First.Value);
        await ImportAsync(target, lines[cut..]);

        Assert.Equal(3, (await target.Events.ReadHeadAsync(stream, Token)).First.Value);
    }

    [Fact]
    public async Task An_import_says_how_many_events_got_a_later_time()
    {
        var (source, target) = (await Stores.InMemoryAsync(1), await Stores.InMemoryAsync(1));
        await AppendAsync(source, new("orders", "1"), 0);
        await target.Events.CommitAsync(
            new Append(
                new("orders", "2"), ExpectedVersion.NoStream, AppendId.New(TimeProvider.System),
                [new NewEvent(TimeProvider.System, "placed", "{}"u8.ToArray())]),
            new DateTimeOffset(2021, 1, 1, 0, 0, 0, TimeSpan.Zero), Token);

        var import = await ImportAsync(target, await ExportAsync(source));

        Assert.Equal((1, 1), (import.Imported, import.Later));
    }

    [Fact]
    public async Task A_stream_whose_first_versions_are_missing_is_refused()
    {
        var (source, target) = (await Stores.InMemoryAsync(1), await Stores.InMemoryAsync(1));
        for (var at = 0; at < 3; at++) await AppendAsync(source, new("orders", "0"), at);

        var lines = await ExportAsync(source, after: "0:1");
        var fault = await Assert.ThrowsAsync<CommandException>(() => ImportAsync(target, lines));

        Assert.Contains("version 2", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_that_is_no_event_is_refused_with_its_number()
    {
        var (source, target) = (await Stores.InMemoryAsync(1), await Stores.InMemoryAsync(1));
        await AppendAsync(source, new("orders", "0"), 0);
        var lines = await ExportAsync(source);

        var fault = await Assert.ThrowsAsync<CommandException>(
            () => ImportAsync(target, [.. lines, .. "\n{\"type\":1}\n"u8]));

        Assert.Contains("Line 3:", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_export_continues_where_the_one_before_ended()
    {
        var source = await Stores.InMemoryAsync(3);
        var history = new History(source, 4);
        await history.WriteAsync(80, clears: false);
        var (first, through) = await ExportWithPositionsAsync(source, null);
        await history.WriteAsync(80, clears: false);
        var (second, _) = await ExportWithPositionsAsync(source, through);
        var target = await Stores.InMemoryAsync(1);

        await ImportAsync(target, [.. first, .. second]);

        await Stores.AssertLogsAsync(source, target);
    }

    [Fact]
    public async Task A_position_after_the_end_is_refused()
    {
        var source = await Stores.InMemoryAsync(2);
        await Assert.ThrowsAsync<CommandException>(() => ExportAsync(source, after: "0:9"));
        Assert.Throws<CommandException>(() => LinePositions.Parse("2:1", 2));
        Assert.Throws<CommandException>(() => LinePositions.Parse("x", 2));
        Assert.Equal("0:0,1:7", LinePositions.Text(LinePositions.Parse("1:7", 2)));
        Assert.Equal("0:7,1:0", LinePositions.Text(LinePositions.Parse("7", 2)));
    }

    private static bool EndsAppend(byte[] lines, int end) => lines[end - 1] == '\n'
        && (end == lines.Length || AppendOf(lines, end - 1) != AppendOf(lines, end));

    // The append of the line that a byte is in.
    private static AppendId AppendOf(byte[] lines, int at)
    {
        var begin = at == 0 ? 0 : Array.LastIndexOf(lines, (byte)'\n', at - 1) + 1;
        var end = Array.IndexOf(lines, (byte)'\n', begin);
        return EventLine.Read(lines.AsMemory(begin, end - begin)).AppendId;
    }

    private static async Task AppendAsync(OpenedStore store, StreamName stream, long version)
    {
        var payload = Encoding.UTF8.GetBytes($"{{\"n\":{version}}}");
        await store.Events.CommitAsync(
            new Append(
                stream, ExpectedVersion.Exactly(new(version)), AppendId.New(TimeProvider.System),
                [new NewEvent(TimeProvider.System, "placed", payload)]),
            new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), Token);
    }

    private static async Task<byte[]> ExportAsync(OpenedStore store, string? after = null) =>
        (await ExportWithPositionsAsync(store, after)).Lines;

    private static async Task<(byte[] Lines, string Through)> ExportWithPositionsAsync(
        OpenedStore store, string? after)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var export = new StoreExport(store, LinePositions.Parse(after, store.Description.PartitionCount));
        await export.RunAsync(
            static _ => true,
            one =>
            {
                EventLine.Write(one, buffer);
                return default;
            },
            Token);
        return (buffer.WrittenSpan.ToArray(), LinePositions.Text(export.Through));
    }

    private static async Task<StoreImport> ImportAsync(OpenedStore store, byte[] lines)
    {
        var import = new StoreImport(store, TimeProvider.System);
        await import.RunAsync(new MemoryStream(lines), Token);
        return import;
    }
}
