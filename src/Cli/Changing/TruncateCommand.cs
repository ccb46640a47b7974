using System.CommandLine;

namespace Granary.Cli;

/// <summary><c>granary truncate</c>.</summary>
internal static class TruncateCommand
{
    public static Command Create(CommandIo io)
    {
        var stream = CommandParts.Stream();
        var store = CommandParts.StoreOption();
        var before = new Option<long>("--before")
        {
            Description = "The version of the first event that stays.", Required = true,
        };
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask." };
        var command = new Command(
            "truncate",
            "Removes the events of a stream before a version that has a snapshot and that all readers of the log have "
            + "passed. The stream stays at its version.")
        {
            stream, store, before, yes,
        };
        command.SetAction((parsed, token) => RunAsync(
            io, CommandParts.AddressOf(parsed.GetValue(store), CommandParts.StoreVariable, io),
            new(CommandParts.StreamOf(parsed.GetValue(stream)!), parsed.GetValue(before), parsed.GetValue(yes)),
            token));
        return command;
    }

    private static async Task<int> RunAsync(
        CommandIo io, StoreAddress address, TruncateOptions options, CancellationToken cancellationToken)
    {
        await using var store = await new StoreOpener(io.Time).OpenAsync(address, cancellationToken);
        return await RunAsync(io, store, options, cancellationToken);
    }

    /// <summary>Truncates a stream of an open store.</summary>
    public static async Task<int> RunAsync(
        CommandIo io, OpenedStore store, TruncateOptions options, CancellationToken cancellationToken)
    {
        var (stream, before, yes) = options;
        if (before < 2) throw new CommandException("--before is at least 2.", ExitCodes.Usage);
        var head = await store.Events.ReadHeadAsync(stream, cancellationToken);
        if (head.Version.Value < before)
            throw new CommandException(
                $"Stream {stream} is at version {head.Version}: there is no version {before}.", ExitCodes.Found);
        if (head.First.Value >= before)
        {
            await io.Error.WriteLineAsync($"Stream {stream} begins at version {head.First} already.");
            return ExitCodes.Done;
        }

        var page = await store.Events.ReadStreamForwardAsync(stream, new(before - 1), 1, cancellationToken);
        if (page.Events is not [{ } first]) throw Cleared(stream);
        var snapshot = await SnapshotOfAsync(store, first, cancellationToken);
        await ThrowIfLaggingAsync(store, first, cancellationToken);
        var what = $"{before - Math.Max(1, head.First.Value)} events of stream {stream} in {store.Name}, those before "
            + $"version {before}, are removed. States and events before it cannot be read any more.";
        if (!await Confirmation.AskAsync(io, yes, what, cancellationToken)) return ExitCodes.Found;
        if (!await store.Events.TruncateAsync(new(stream, new(before), first.Position, snapshot), cancellationToken))
            throw Cleared(stream);
        await DeleteCommand.ScrubAsync(store, cancellationToken);
        await new OutputLines(io).WriteTextAsync(
            $"Truncated: {stream} begins at version {before}, and stays at version {head.Version}.",
            cancellationToken);
        return ExitCodes.Done;
    }

    // It takes the place of what is removed: nothing else leads to the states from then on.
    private static async Task<Snapshot> SnapshotOfAsync(
        OpenedStore store, RecordedEvent first, CancellationToken cancellationToken)
    {
        var versions = new List<long>();
        for (var atMost = long.MaxValue; atMost > 0;)
        {
            if (await store.Snapshots.ReadSnapshotAsync(first.Stream, new(atMost), null, cancellationToken)
                is not { } snapshot) break;
            if (snapshot.Version == first.Version && snapshot.Position == first.Position) return snapshot;
            versions.Add(snapshot.Version.Value);
            atMost = snapshot.Version.Value - 1;
        }

        throw new CommandException(
            $"Stream {first.Stream} has no snapshot of version {first.Version}: without the events before it, nothing "
            + "leads to its states. "
            + (versions.Count == 0
                ? "It has none at all."
                : $"It has those of versions {string.Join(", ", versions)}."),
            ExitCodes.Found);
    }

    // No reader of the log may need what is removed.
    private static async Task ThrowIfLaggingAsync(
        OpenedStore store, RecordedEvent first, CancellationToken cancellationToken)
    {
        var lagging = (await store.Checkpoints.ReadAllAsync(cancellationToken))
            .Where(one => one.Partition == first.Position.Partition
                && one.Position.Value < first.Position.Position.Value - 1)
            .Select(static one => $"{one.Name} at {one.Position}").ToArray();
        if (lagging.Length > 0)
            throw new CommandException(
                $"Readers of the log have not passed position {first.Position}: {string.Join(", ", lagging)}. Let them "
                + "catch up, or truncate before an earlier version.", ExitCodes.Found);
    }

    private static CommandException Cleared(StreamName stream) =>
        new($"Stream {stream} was changed meanwhile. Nothing is removed: try again.", ExitCodes.Found);
}

/// <summary>What is truncated.</summary>
internal sealed record TruncateOptions(StreamName Stream, long Before, bool Yes);
