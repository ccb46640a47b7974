using System.CommandLine;
using System.Globalization;
using Granary.Grains;

namespace Granary.Cli;

/// <summary><c>granary state</c>.</summary>
internal static class StateCommand
{
    private const string NeedsSilo =
        "is folded by code that is not here. Ask a running silo: granary state <stream> --url http://<gateway>";

    public static Command Create(CommandIo io)
    {
        var stream = CommandParts.Stream();
        var store = CommandParts.StoreOption();
        var version = new Option<long?>("--version") { Description = "As of this version." };
        var at = new Option<string?>("--at")
        {
            Description = "As of this instant, with its offset, as in 2026-01-02T03:04:05Z.",
        };
        var url = new Option<string?>("--url")
        {
            Description = "Ask the gateway at this address instead of reading a store: it has the code of every "
                + "aggregate.",
        };
        var command = new Command(
            "state", "Shows the state of a stream, now or in the past, as one line of JSON.")
        {
            stream, store, version, at, url,
        };
        command.SetAction((parsed, token) =>
        {
            var wanted = new WantedState(
                CommandParts.StreamOf(parsed.GetValue(stream)!), parsed.GetValue(version),
                InstantOf(parsed.GetValue(at)));
            if (wanted is { Version: not null, At: not null } or { Version: < 1 })
                throw new CommandException("--version is at least 1, and excludes --at.", ExitCodes.Usage);
            return parsed.GetValue(url) is { } address
                ? GatewayState.RunAsync(io, address, wanted, token)
                : RunAsync(
                    io, CommandParts.AddressOf(parsed.GetValue(store), CommandParts.StoreVariable, io), wanted, token);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        CommandIo io, StoreAddress address, WantedState wanted, CancellationToken cancellationToken)
    {
        await using var store = await new StoreOpener(io.Time).OpenAsync(address, cancellationToken);
        return await RunAsync(io, store, wanted, cancellationToken);
    }

    /// <summary>Shows a state from an open store.</summary>
    public static async Task<int> RunAsync(
        CommandIo io, OpenedStore store, WantedState wanted, CancellationToken cancellationToken)
    {
        var stream = wanted.Stream;
        var head = await store.Events.ReadHeadAsync(stream, cancellationToken);
        if (head.Version == StreamVersion.Zero)
            throw new CommandException($"{store.Name} has no stream {stream}.", ExitCodes.Found);
        if (wanted.Version > head.Version.Value)
            throw new CommandException($"Stream {stream} is at version {head.Version}.", ExitCodes.Found);
        var (state, version, time) = await BeginAsync(store, wanted, cancellationToken);
        var fold = new JsonStreams();
        await foreach (var one in store.Events.ReadStreamAsync(stream, new(version), cancellationToken))
        {
            if (one.Version.Value > (wanted.Version ?? long.MaxValue) || one.Timestamp > wanted.At) break;
            Fold(fold, state, one);
            (version, time) = (one.Version.Value, one.Timestamp > time ? one.Timestamp : time);
        }

        if (version == 0)
            throw new CommandException($"Stream {stream} had no event at that time.", ExitCodes.Found);
        var lines = new OutputLines(io);
        await lines.WriteJsonAsync(
            writer =>
            {
                writer.WriteString("stream", stream.ToString());
                writer.WriteNumber("version", version);
                writer.WriteString("timestamp", EventLine.Text(time));
                writer.WritePropertyName("state");
                writer.WriteRawValue(state.ToJson().Span);
            },
            cancellationToken);
        return ExitCodes.Done;
    }

    // The newest snapshot that can be used, else the beginning.
    private static async Task<(EventStreamState State, long Version, DateTimeOffset Time)> BeginAsync(
        OpenedStore store, WantedState wanted, CancellationToken cancellationToken)
    {
        var fold = new JsonStreams();
        var atMost = wanted.Version ?? long.MaxValue;
        for (var read = 0; read < ISnapshotStore.KeptMax && atMost > 0; read++)
        {
            var snapshot = await store.Snapshots.ReadSnapshotAsync(
                wanted.Stream, new(atMost), wanted.At, cancellationToken);
            if (snapshot is null) break;
            if (!JsonStreams.IsOwn(snapshot))
                throw new CommandException($"Stream {wanted.Stream} {NeedsSilo}", ExitCodes.Found);
            if (fold.TryDecode(snapshot) is { } state)
                return (state, snapshot.Version.Value, snapshot.Timestamp);
            atMost = snapshot.Version.Value - 1;
        }

        return (new EventStreamState(), 0, DateTimeOffset.MinValue);
    }

    private static void Fold(JsonStreams fold, EventStreamState state, RecordedEvent one)
    {
        try
        {
            fold.Fold(state, one);
        }
        catch (ReplayFailedException fault)
        {
            throw new CommandException($"{fault.Message} The stream {NeedsSilo}", ExitCodes.Found, fault);
        }
    }

    private static DateTimeOffset? InstantOf(string? text) => text is null ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant)
            ? instant
            : throw new CommandException(
                "--at is an instant with its offset, as in 2026-01-02T03:04:05Z.", ExitCodes.Usage);
}

/// <summary>Which state is shown.</summary>
internal sealed record WantedState(StreamName Stream, long? Version, DateTimeOffset? At);
