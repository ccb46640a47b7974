using System.CommandLine;
using System.Text.Json;

namespace Granary.Cli;

/// <summary><c>granary streams</c>.</summary>
internal static class StreamsCommand
{
    public static Command Create(CommandIo io)
    {
        var store = CommandParts.Store();
        var category = CommandParts.Category();
        var limit = new Option<long?>("--limit", "-n") { Description = "How many at most." };
        var json = CommandParts.Json();
        var command = new Command("streams", "Lists the streams that hold events, with their versions.")
        {
            store, category, limit, json,
        };
        command.SetAction((parsed, token) => RunAsync(
            io, CommandParts.AddressOf(parsed.GetValue(store), CommandParts.StoreVariable, io),
            parsed.GetValue(category), parsed.GetValue(limit) ?? long.MaxValue, parsed.GetValue(json), token));
        return command;
    }

    private static async Task<int> RunAsync(
        CommandIo io, StoreAddress address, string? category, long limit, bool json,
        CancellationToken cancellationToken)
    {
        await using var store = await new StoreOpener(io.Time).OpenAsync(address, cancellationToken);
        var lines = new OutputLines(io);
        await foreach (var stream in store.NamesAsync(category, cancellationToken))
        {
            var head = await store.Events.ReadHeadAsync(stream, cancellationToken);
            if (head.Version == StreamVersion.Zero) continue;
            if (limit-- <= 0) break;
            if (json) await lines.WriteJsonAsync(writer => Write(writer, head), cancellationToken);
            else
                await lines.WriteTextAsync(
                    $"{head.Version,8}  {EventLine.Text(head.Updated ?? default)}  {stream}"
                    + (head.First.Value > 1 ? $"  (from version {head.First} on)" : ""), cancellationToken);
        }

        return ExitCodes.Done;
    }

    private static void Write(Utf8JsonWriter writer, StreamHead head)
    {
        writer.WriteString("stream", head.Stream.ToString());
        writer.WriteNumber("version", head.Version.Value);
        writer.WriteNumber("first", head.First.Value);
        writer.WriteNumber("partition", head.Position.Partition.Value);
        writer.WriteNumber("position", head.Position.Position.Value);
        if (head.Created is { } created) writer.WriteString("created", EventLine.Text(created));
        if (head.Updated is { } updated) writer.WriteString("updated", EventLine.Text(updated));
    }
}
