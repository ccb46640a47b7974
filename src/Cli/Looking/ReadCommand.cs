using System.CommandLine;

namespace Granary.Cli;

/// <summary><c>granary read</c>.</summary>
internal static class ReadCommand
{
    public static Command Create(CommandIo io)
    {
        var stream = CommandParts.Stream();
        var store = CommandParts.StoreOption();
        var after = new Option<long>("--after") { Description = "Only the events after this version." };
        var limit = new Option<long?>("--limit", "-n") { Description = "How many at most." };
        var json = CommandParts.Json();
        var command = new Command("read", "Shows the events of a stream.") { stream, store, after, limit, json };
        command.SetAction((parsed, token) => RunAsync(
            io, CommandParts.AddressOf(parsed.GetValue(store), CommandParts.StoreVariable, io),
            new(CommandParts.StreamOf(parsed.GetValue(stream)!), parsed.GetValue(after),
                parsed.GetValue(limit) ?? long.MaxValue, parsed.GetValue(json)),
            token));
        return command;
    }

    private static async Task<int> RunAsync(
        CommandIo io, StoreAddress address, ReadOptions options, CancellationToken cancellationToken)
    {
        if (options.After < 0) throw new CommandException("--after is not negative.", ExitCodes.Usage);
        await using var store = await new StoreOpener(io.Time).OpenAsync(address, cancellationToken);
        var head = await store.Events.ReadHeadAsync(options.Stream, cancellationToken);
        if (head.Version == StreamVersion.Zero)
            throw new CommandException($"{store.Name} has no stream {options.Stream}.", ExitCodes.Found);
        var lines = new OutputLines(io);
        var left = options.Limit;

        // Without --after it begins with what is there.
        var after = options.After == 0 ? Math.Max(0, head.First.Value - 1) : options.After;
        if (after > options.After)
            await io.Error.WriteLineAsync($"The stream was truncated: it begins at version {head.First}.");
        await foreach (var one in store.Events.ReadStreamAsync(options.Stream, new(after), cancellationToken))
        {
            if (left-- <= 0) break;
            if (options.Json) await lines.WriteEventAsync(one, cancellationToken);
            else await lines.WriteTextAsync(EventText.Of(one, withStream: false), cancellationToken);
        }

        return ExitCodes.Done;
    }

    private sealed record ReadOptions(StreamName Stream, long After, long Limit, bool Json);
}
