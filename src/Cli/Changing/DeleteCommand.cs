using System.CommandLine;

namespace Granary.Cli;

/// <summary><c>granary delete</c>.</summary>
internal static class DeleteCommand
{
    /// <summary>Of how many events the content is removed in one transaction.</summary>
    public const int ScrubStep = 1_000;

    public static Command Create(CommandIo io)
    {
        var stream = CommandParts.Stream();
        var store = CommandParts.StoreOption();
        var expected = new Option<long?>("--expected-version")
        {
            Description = "The version that the stream is at; where it is at another one, nothing is changed.",
        };
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask." };
        var command = new Command(
            "delete", "Deletes the events of a stream: it begins anew at version 0, and what was there is removed.")
        {
            stream, store, expected, yes,
        };
        command.SetAction((parsed, token) => RunAsync(
            io, CommandParts.AddressOf(parsed.GetValue(store), CommandParts.StoreVariable, io),
            new(CommandParts.StreamOf(parsed.GetValue(stream)!), parsed.GetValue(expected), parsed.GetValue(yes)),
            token));
        return command;
    }

    private static async Task<int> RunAsync(
        CommandIo io, StoreAddress address, DeleteOptions options, CancellationToken cancellationToken)
    {
        await using var store = await new StoreOpener(io.Time).OpenAsync(address, cancellationToken);
        return await RunAsync(io, store, options, cancellationToken);
    }

    /// <summary>Deletes a stream of an open store.</summary>
    public static async Task<int> RunAsync(
        CommandIo io, OpenedStore store, DeleteOptions options, CancellationToken cancellationToken)
    {
        var stream = options.Stream;
        var head = await store.Events.ReadHeadAsync(stream, cancellationToken);
        if (head.Version == StreamVersion.Zero)
            throw new CommandException($"{store.Name} has no stream {stream}.", ExitCodes.Found);
        if (options.ExpectedVersion is { } version && version != head.Version.Value)
            throw new WrongExpectedVersionException(
                stream, ExpectedVersion.Exactly(new(Math.Max(0, version))), head.Version);
        var what = $"The {head.Version} events of stream {stream} in {store.Name} are deleted.";
        if (!await Confirmation.AskAsync(io, options.Yes, what, cancellationToken)) return ExitCodes.Found;
        var expected = ExpectedVersion.Exactly(head.Version, head.Position.Position);
        var answer = await store.Events.CommitAsync(
            Append.Clear(stream, expected, AppendId.New(io.Time)), io.Time.GetUtcNow(), cancellationToken);
        if (answer.Outcome == AppendOutcome.Conflict)
            throw new WrongExpectedVersionException(stream, expected, answer.Version);
        await ScrubAsync(store, cancellationToken);
        await new OutputLines(io).WriteTextAsync(
            $"Deleted: {stream} was at version {head.Version}, and is cleared at {answer.Position}.",
            cancellationToken);
        return ExitCodes.Done;
    }

    /// <summary>Removes the content of what was removed.</summary>
    public static async Task ScrubAsync(OpenedStore store, CancellationToken cancellationToken)
    {
        while (await store.Events.ScrubAsync(ScrubStep, cancellationToken))
        {
        }
    }
}

/// <summary>What is deleted.</summary>
internal sealed record DeleteOptions(StreamName Stream, long? ExpectedVersion, bool Yes);
