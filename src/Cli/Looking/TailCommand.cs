using System.CommandLine;

namespace Granary.Cli;

/// <summary><c>granary tail</c>.</summary>
internal static class TailCommand
{
    public static Command Create(CommandIo io)
    {
        var store = CommandParts.Store();
        var category = CommandParts.Category();
        var last = new Option<long>("--last", "-n")
        {
            Description = "How many of the last events of each partition are shown at first.",
            DefaultValueFactory = static _ => 10,
        };
        var once = new Option<bool>("--once") { Description = "Do not wait for what is appended." };
        var json = CommandParts.Json();
        var command = new Command("tail", "Shows the last events of the log, and what is appended, until Ctrl-C.")
        {
            store, category, last, once, json,
        };
        command.SetAction((parsed, token) => RunAsync(
            io, CommandParts.AddressOf(parsed.GetValue(store), CommandParts.StoreVariable, io),
            new(parsed.GetValue(category), parsed.GetValue(last), parsed.GetValue(once), parsed.GetValue(json)),
            token));
        return command;
    }

    private static async Task<int> RunAsync(
        CommandIo io, StoreAddress address, TailOptions options, CancellationToken cancellationToken)
    {
        if (options.Last < 0) throw new CommandException("--last is not negative.", ExitCodes.Usage);
        await using var store = await new StoreOpener(io.Time).OpenAsync(address, cancellationToken);
        return await RunAsync(io, store, options, cancellationToken);
    }

    /// <summary>Shows the tail of an open store.</summary>
    public static async Task<int> RunAsync(
        CommandIo io, OpenedStore store, TailOptions options, CancellationToken cancellationToken)
    {
        var after = new LogPosition[store.Description.PartitionCount];
        for (var at = 0; at < after.Length; at++)
        {
            var end = await store.EndOfAsync(at, cancellationToken);
            after[at] = new(new(at), new(Math.Max(0, end - options.Last)));
        }

        var lines = new OutputLines(io);
        var filter = options.Category is null
            ? LogFilter.All
            : new LogFilter { Categories = new HashSet<string> { options.Category } };
        while (true)
        {
            for (var at = 0; at < after.Length; at++)
                after[at] = await ShowAsync(store, lines, after[at], filter, options.Json, cancellationToken);
            if (options.Once) return ExitCodes.Done;
            await new CopyFeed(store, after).WaitAsync(cancellationToken);
        }
    }

    private static async Task<LogPosition> ShowAsync(
        OpenedStore store, OutputLines lines, LogPosition after, LogFilter filter, bool json,
        CancellationToken cancellationToken)
    {
        while (true)
        {
            var page = await store.Events.ReadLogAsync(
                after, filter, GranaryLimits.PageSizeMax, cancellationToken);
            foreach (var one in page.Events)
            {
                if (json) await lines.WriteEventAsync(one, cancellationToken);
                else await lines.WriteTextAsync(EventText.Of(one, withStream: true), cancellationToken);
            }

            after = after with { Position = page.Through };
            if (!page.More) return after;
        }
    }
}

/// <summary>What is shown of a tail.</summary>
internal sealed record TailOptions(string? Category, long Last, bool Once, bool Json);
