using System.Buffers;

namespace Granary.Tests.Cli;

/// <summary>Lines that were cut, are in another order, or end with one that is no event.</summary>
public sealed class CutImportTests
{
    private static readonly DateTimeOffset Noon = new(2020, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task An_append_that_was_imported_in_part_does_not_pass_for_the_whole(int lines)
    {
        var (source, target) = (await Stores.InMemoryAsync(1), await Stores.InMemoryAsync(1));
        await AppendAsync(source, "0", events: 3);
        var whole = await ExportAsync(source);
        await ImportAsync(target, First(whole, lines));

        var fault = await Assert.ThrowsAsync<CommandException>(() => ImportAsync(target, whole));

        Assert.Contains("Line 1:", fault.Message, StringComparison.Ordinal);
        Assert.Contains("in part", fault.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Found, fault.ExitCode);
    }

    [Fact]
    public async Task An_append_in_part_that_is_no_longer_among_the_last_is_found_in_the_log()
    {
        var (source, target) = (await Stores.InMemoryAsync(1), await Stores.InMemoryAsync(1));
        await AppendAsync(source, "0", events: 3);
        var whole = await ExportAsync(source);
        await ImportAsync(target, First(whole, 1));
        await target.Events.CommitAsync(
            Append.Clear(new("orders", "0"), ExpectedVersion.StreamExists, AppendId.New(TimeProvider.System)), Noon,
            Token);
        for (var at = 0; at < 1_100; at++) await AppendAsync(target, "0", events: 1, after: at);
        await target.Events.CommitAsync(
            Append.Clear(new("orders", "0"), ExpectedVersion.StreamExists, AppendId.New(TimeProvider.System)), Noon,
            Token);

        var fault = await Assert.ThrowsAsync<CommandException>(() => ImportAsync(target, whole));

        Assert.Contains("in part", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lines_of_one_append_that_do_not_follow_each_other_are_imported_as_they_are()
    {
        var (source, target) = (await Stores.InMemoryAsync(1), await Stores.InMemoryAsync(1));
        await AppendAsync(source, "0", events: 2);
        await AppendAsync(source, "1", events: 1);
        var whole = await ExportAsync(source);
        var (first, two) = (First(whole, 1), First(whole, 2));

        await ImportAsync(target, [.. first, .. whole[two.Length..], .. two[first.Length..]]);

        Assert.Equal(2, await VersionAsync(target, "0"));
        Assert.Equal(0, (await ImportAsync(target, whole)).Imported);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task What_comes_before_a_line_that_is_refused_is_imported(int partitions)
    {
        var (source, target) = (await Stores.InMemoryAsync(1), await Stores.InMemoryAsync(partitions));
        for (var at = 0; at < 20; at++) await AppendAsync(source, $"{at}", events: 1);
        await AppendAsync(source, "7", events: 1, after: 1);
        var whole = await ExportAsync(source);
        var (seven, twenty) = (First(whole, 7), First(whole, 20));

        // The second event of a stream instead of its first one.
        var fault = await Assert.ThrowsAsync<CommandException>(
            () => ImportAsync(target, [.. seven, .. whole[twenty.Length..], .. whole[First(whole, 8).Length..]]));

        Assert.Contains("Line 8:", fault.Message, StringComparison.Ordinal);
        for (var at = 0; at < 7; at++) Assert.Equal(1, await VersionAsync(target, $"{at}"));
    }

    [Fact]
    public async Task What_comes_before_a_line_that_is_no_event_is_imported_but_not_an_append_that_may_go_on()
    {
        var (source, target) = (await Stores.InMemoryAsync(1), await Stores.InMemoryAsync(1));
        for (var at = 0; at < 3; at++) await AppendAsync(source, $"{at}", events: 2);
        var whole = await ExportAsync(source);

        var fault = await Assert.ThrowsAsync<CommandException>(
            () => ImportAsync(target, [.. First(whole, 5), .. "{\"type\":1}\n"u8]));

        Assert.Contains("Line 6:", fault.Message, StringComparison.Ordinal);
        Assert.Equal(
            (2, 2, 0),
            (await VersionAsync(target, "0"), await VersionAsync(target, "1"), await VersionAsync(target, "2")));
        Assert.Equal(2, (await ImportAsync(target, whole)).Imported);
    }

    [Fact]
    public async Task An_export_that_is_stopped_ends_after_a_whole_append()
    {
        var source = await Stores.InMemoryAsync(1);
        await AppendAsync(source, "0", events: 3);
        await AppendAsync(source, "1", events: 3);
        using var stop = new CancellationTokenSource();
        var output = new MemoryStream();
        using var io = new CommandIo
        {
            Output = new StoppingStream(output, stop),
            Error = TextWriter.Null,
            Input = Stream.Null,
            Variable = static _ => null,
            Time = TimeProvider.System,
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => ExportCommand.RunAsync(io, source, new(null, null, null, null, false), stop.Token));

        Assert.Equal(3, output.ToArray().Count(static one => one == (byte)'\n'));
    }

    private static async Task AppendAsync(OpenedStore store, string key, int events, long after = 0)
    {
        var append = new Append(
            new("orders", key), ExpectedVersion.Exactly(new(after)), AppendId.New(TimeProvider.System),
            [.. Enumerable.Range(0, events).Select(static _ => new NewEvent(TimeProvider.System, "placed", default))]);
        var answer = await store.Events.CommitAsync(append, Noon, Token);
        Assert.Equal(AppendOutcome.Appended, answer.Outcome);
    }

    private static async Task<long> VersionAsync(OpenedStore store, string key) =>
        (await store.Events.ReadHeadAsync(new("orders", key), Token)).Version.Value;

    private static byte[] First(byte[] lines, int count)
    {
        var end = 0;
        for (var at = 0; at < count; at++) end = Array.IndexOf(lines, (byte)'\n', end) + 1;
        return lines[..end];
    }

    private static async Task<byte[]> ExportAsync(OpenedStore store)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var export = new StoreExport(store, LinePositions.Parse(null, store.Description.PartitionCount));
        await export.RunAsync(
            static _ => true,
            one =>
            {
                EventLine.Write(one, buffer);
                return default;
            },
            Token);
        return buffer.WrittenSpan.ToArray();
    }

    private static async Task<StoreImport> ImportAsync(OpenedStore store, byte[] lines)
    {
        var import = new StoreImport(store, TimeProvider.System);
        await import.RunAsync(new MemoryStream(lines), Token);
        return import;
    }

    /// <summary>What is written to it stops the command.</summary>
    private sealed class StoppingStream(MemoryStream inner, CancellationTokenSource stop) : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            cancellationToken.ThrowIfCancellationRequested();
            inner.Write(buffer.Span);
            stop.Cancel();
            return default;
        }
    }
}
