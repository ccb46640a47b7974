using System.CommandLine;

namespace Granary.Cli;

/// <summary><c>granary copy</c>.</summary>
internal static class CopyCommand
{
    public static Command Create(CommandIo io)
    {
        var from = new Option<string?>("--from") { Description = "The store that is copied; or GRANARY_FROM." };
        var to = new Option<string?>("--to")
        {
            Description = "The store that it is copied to: empty, or an earlier copy of the same, which is continued; "
                + "it is created where it is not there. Or GRANARY_TO.",
        };
        var partitions = new Option<int?>("--partitions")
        {
            Description = "How many partitions a new store gets. Default: as many as the first has; then positions "
                + "stay.",
        };
        var follow = new Option<bool>("--follow", "-f")
        {
            Description = "Go on with what is appended, until it is stopped.",
        };
        var json = CommandParts.Json();
        var command = new Command(
            "copy",
            "Copies a store to another one, also while it is written: events with their versions, ids, times and "
            + "metadata, and snapshots. It can be stopped and killed at any time, and run again.")
        {
            from, to, partitions, follow, json,
        };
        command.SetAction((parsed, token) => RunAsync(
            io,
            new(
                CommandParts.AddressOf(parsed.GetValue(from), "GRANARY_FROM", io),
                CommandParts.AddressOf(parsed.GetValue(to), "GRANARY_TO", io),
                parsed.GetValue(partitions), parsed.GetValue(follow), parsed.GetValue(json)),
            token));
        return command;
    }

    private static async Task<int> RunAsync(CommandIo io, CopyOptions options, CancellationToken cancellationToken)
    {
        if (options.From == options.To)
            throw new CommandException("The two stores are the same. Choose another --to.", ExitCodes.Usage);
        var opener = new StoreOpener(io.Time);
        await using var source = await opener.OpenAsync(options.From, cancellationToken);
        await using var target = await opener.OpenOrCreateAsync(
            options.To, options.Partitions ?? await DefaultAsync(opener, source, options.To, cancellationToken),
            cancellationToken);
        return await RunAsync(io, source, target, options, cancellationToken);
    }

    /// <summary>Copies an open store to another one.</summary>
    public static async Task<int> RunAsync(
        CommandIo io, OpenedStore source, OpenedStore target, CopyOptions options, CancellationToken cancellationToken)
    {
        var progress = new CopyProgress(io.Time, source.Description.PartitionCount);
        var copy = new StoreCopy(new(source, target, progress, io.Time));
        var report = new CopyReport(io, progress, options.Json);
        try
        {
            await report.WhileAsync(
                () => options.Follow
                    ? copy.FollowAsync(() => report.CaughtUp(copy.Beside), cancellationToken)
                    : copy.RunAsync(cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await report.WriteStoppedAsync();
            throw;
        }

        await report.WriteEndAsync(copy.Beside);
        return ExitCodes.Done;
    }

    // What is there keeps the number that it has.
    private static async Task<int?> DefaultAsync(
        StoreOpener opener, OpenedStore source, StoreAddress target, CancellationToken cancellationToken) =>
        await opener.ExistsAsync(target, cancellationToken) ? null : source.Description.PartitionCount;
}

/// <summary>What is copied, and how.</summary>
internal sealed record CopyOptions(
    StoreAddress From, StoreAddress To, int? Partitions, bool Follow, bool Json);
