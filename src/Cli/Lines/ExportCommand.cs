using System.Buffers;
using System.CommandLine;
using System.Globalization;

namespace Granary.Cli;

/// <summary><c>granary export</c>.</summary>
internal static class ExportCommand
{
    private const int FileBuffer = 1024 * 1024;

    public static Command Create(CommandIo io)
    {
        var store = CommandParts.Store();
        var category = CommandParts.Category();
        var stream = new Option<string?>("--stream") { Description = "Only this stream." };
        var after = new Option<string?>("--after")
        {
            Description = "Only what comes after these positions, as an earlier export has printed them: 0:120,1:98.",
        };
        var output = new Option<string?>("--output", "-o") { Description = "The file; standard output without." };
        var resume = new Option<bool>("--resume")
        {
            Description = "Go on where the file ends. Without it, a file that exists is not overwritten.",
        };
        var command = new Command(
            "export", "Writes events as lines of JSON, one event a line, in the order of their times.")
        {
            store, category, stream, after, output, resume,
        };
        command.SetAction((parsed, token) => RunAsync(
            io,
            CommandParts.AddressOf(parsed.GetValue(store), CommandParts.StoreVariable, io),
            new(parsed.GetValue(category), parsed.GetValue(stream), parsed.GetValue(after), parsed.GetValue(output),
                parsed.GetValue(resume)),
            token));
        return command;
    }

    private static async Task<int> RunAsync(
        CommandIo io, StoreAddress address, ExportOptions options, CancellationToken cancellationToken)
    {
        if (options.Resume && (options.Output is null || options.After is not null))
            throw new CommandException("--resume needs --output, and no --after: the file has it.", ExitCodes.Usage);
        await using var store = await new StoreOpener(io.Time).OpenAsync(address, cancellationToken);
        return await RunAsync(io, store, options, cancellationToken);
    }

    /// <summary>Exports an open store.</summary>
    public static async Task<int> RunAsync(
        CommandIo io, OpenedStore store, ExportOptions options, CancellationToken cancellationToken)
    {
        if (options.Output is null)
        {
            // It is stopped between two appends, not within one.
            var lines = new OutputLines(io);
            return await RunAsync(
                io, store, options, LinePositions.Parse(options.After, store.Description.PartitionCount),
                one => lines.WriteEventAsync(one, CancellationToken.None), cancellationToken);
        }

        await using var file = new FileStream(
            options.Output, options.Resume ? FileMode.OpenOrCreate : FileMode.CreateNew, FileAccess.ReadWrite,
            FileShare.Read, FileBuffer);
        var after = options.Resume
            ? await ReadEndAsync(file, store, cancellationToken)
            : LinePositions.Parse(options.After, store.Description.PartitionCount);
        var buffer = new ArrayBufferWriter<byte>();
        var code = await RunAsync(
            io, store, options, after,
            async one =>
            {
                buffer.ResetWrittenCount();
                EventLine.Write(one, buffer);
                await file.WriteAsync(buffer.WrittenMemory, CancellationToken.None);
            },
            cancellationToken);
        await file.FlushAsync(CancellationToken.None);
        file.Flush(flushToDisk: true);
        return code;
    }

    private static async Task<int> RunAsync(
        CommandIo io, OpenedStore store, ExportOptions options, LogPosition[] after,
        Func<RecordedEvent, ValueTask> write, CancellationToken cancellationToken)
    {
        StreamName? stream = options.Stream is null ? null : CommandParts.StreamOf(options.Stream);
        var export = new StoreExport(store, after);
        try
        {
            await export.RunAsync(
                name => (stream is null || name == stream)
                    && (options.Category is null || name.Category == options.Category),
                write, cancellationToken);
        }
        finally
        {
            var removed = export.Removed == 0 ? ""
                : $", {Number(export.Removed)} of them without content: they were cleared or truncated";
            await io.Error.WriteLineAsync(
                $"{Number(export.Events)} events exported{removed}. What comes next: "
                + $"--after {LinePositions.Text(export.Through)}");
        }

        return ExitCodes.Done;
    }

    // Where a file ends that an export has written. One that was killed has left a part of a line, or of an append:
    // that is cut off.
    private static async Task<LogPosition[]> ReadEndAsync(
        FileStream file, OpenedStore store, CancellationToken cancellationToken)
    {
        var after = LinePositions.Parse(null, store.Description.PartitionCount);
        var end = -1L;
        RecordedEvent? last = null;
        var (begin, before) = (0L, default(LogPosition));
        await foreach (var (line, offset, one) in LineReader.ReadAsync(file, at => end = at, cancellationToken))
        {
            var at = one.Position.Partition.Value;
            if (at >= after.Length || one.Position.Position <= after[at].Position)
                throw LineReader.Wrong(line, $"Position {one.Position} does not continue an export of {store.Name}.");
            if (last is null || last.AppendId != one.AppendId || last.Stream != one.Stream)
                (begin, before) = (offset, after[at]);
            (after[at], last) = (one.Position, one);
        }

        if (last is not null && await IsWithinAppendAsync(store, last, cancellationToken))
            (end, after[before.Partition.Value]) = (begin, before);
        if (end >= 0) file.SetLength(end);
        file.Seek(0, SeekOrigin.End);
        return after;
    }

    private static async Task<bool> IsWithinAppendAsync(
        OpenedStore store, RecordedEvent last, CancellationToken cancellationToken)
    {
        var (partition, position) = (last.Position.Partition.Value, last.Position.Position.Value);
        var there = await store.ReadAtAsync(partition, position, cancellationToken);
        if (there is null || !CopiedAppend.AreSame(last, there))
            throw new CommandException(
                $"The file is no export of {store.Name}: it ends with another event than the store has at "
                + $"{last.Position}.", ExitCodes.Found);
        var next = await store.ReadAtAsync(partition, position + 1, cancellationToken);
        return next is not null && next.AppendId == last.AppendId && next.Stream == last.Stream;
    }

    private static string Number(long value) => value.ToString("#,0", CultureInfo.InvariantCulture);
}

/// <summary>What is exported, and to where.</summary>
internal sealed record ExportOptions(string? Category, string? Stream, string? After, string? Output, bool Resume);
