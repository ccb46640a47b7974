using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Granary.Cli;

/// <summary><c>granary projections</c> and <c>granary subscriptions</c>.</summary>
internal static class ReadersCommand
{
    public static Command Projections(CommandIo io) => Create(
        io, "projections", "Shows the projections of a cluster and their builds, or one of them with each partition.",
        WriteProjectionAsync);

    public static Command Subscriptions(CommandIo io) => Create(
        io, "subscriptions", "Shows the readers of the log that are no projections, or one with each partition.",
        WriteReaderAsync);

    private static Command Create(
        CommandIo io, string kind, string description,
        Func<OutputLines, JsonElement, bool, CancellationToken, Task> writeAsync)
    {
        var name = new Argument<string?>("name")
        {
            Description = "One of them.", Arity = ArgumentArity.ZeroOrOne,
        };
        var url = SteeringParts.Url();
        var json = CommandParts.Json();
        var command = new Command(kind, description) { name, url, json };
        command.SetAction(async (parsed, token) =>
        {
            using var gateway = SteeringParts.Open(io, parsed.GetValue(url));
            var one = parsed.GetValue(name);
            var path = one is null ? GatewayCalls.PathOf(kind) : GatewayCalls.PathOf(kind, one);
            using var answer = JsonDocument.Parse(await gateway.SendAsync(HttpMethod.Get, path, token));
            var lines = new OutputLines(io);
            JsonElement[] all = one is null
                ? [.. answer.RootElement.GetProperty(kind).EnumerateArray()]
                : [answer.RootElement];
            foreach (var shown in all)
            {
                if (parsed.GetValue(json))
                    await lines.WriteLineAsync(Encoding.UTF8.GetBytes(shown.GetRawText()), token);
                else await writeAsync(lines, shown, one is not null, token);
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static async Task WriteProjectionAsync(
        OutputLines lines, JsonElement projection, bool isNamed, CancellationToken cancellationToken)
    {
        var live = Text(projection, "live") == "True" ? "  live" : "";
        await lines.WriteTextAsync(
            $"{Text(projection, "name")}  version {Text(projection, "version")}{live}{DriftOf(projection)}",
            cancellationToken);
        foreach (var build in projection.GetProperty("builds").EnumerateArray())
        {
            var left = Has(build, "secondsLeft") ? $"  {Text(build, "secondsLeft")} s left" : "";
            var differences = Has(build, "differences") ? $"  {Text(build, "differences")} differences" : "";
            await lines.WriteTextAsync(
                $"  {Text(build, "name")}  {Text(build, "state")}  "
                + $"{Text(build, "eventsPassed")}/{Text(build, "eventsTotal")} events{left}{differences}",
                cancellationToken);
            if (Has(build, "reader"))
                await WritePartitionsAsync(lines, build.GetProperty("reader"), "    ", isNamed, cancellationToken);
        }
    }

    private static string DriftOf(JsonElement projection) =>
        Has(projection, "truthCheck") && Text(projection.GetProperty("truthCheck"), "drifted") is not ("0" or "?")
            and var drifted ? $"  {drifted} models differ from the log" : "";

    private static async Task WriteReaderAsync(
        OutputLines lines, JsonElement reader, bool isNamed, CancellationToken cancellationToken)
    {
        await lines.WriteTextAsync(
            $"{Text(reader, "name")}  {Text(reader, "kind")}  lag {Text(reader, "lag")}", cancellationToken);
        await WritePartitionsAsync(lines, reader, "  ", isNamed, cancellationToken);
    }

    // In a list of all readers those partitions are counted in which there is nothing to see.
    private static async Task WritePartitionsAsync(
        OutputLines lines, JsonElement reader, string indent, bool showsAll, CancellationToken cancellationToken)
    {
        var partitions = reader.GetProperty("partitions").EnumerateArray().ToLookup(
            one => !showsAll && HasNothingToSee(one));
        if (partitions[true].Count() is > 0 and var quiet)
            await lines.WriteTextAsync($"{indent}{quiet} partition(s) live, lag 0", cancellationToken);
        foreach (var one in partitions[false])
        {
            var parked = Text(one, "parkedStreams") is not "0" and var count ? $"  {count} parked" : "";
            await lines.WriteTextAsync(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{indent}{Text(one, "partition")}:{Text(one, "position")}  {Text(one, "state")}  lag {
                        Text(one, "lag")} ({Text(one, "lagSeconds")} s)  {Text(one, "eventsPerSecond")}/s{parked}"),
                cancellationToken);
            if (Has(one, "lastError"))
                await lines.WriteTextAsync($"{indent}  last error: {Text(one, "lastError")}", cancellationToken);
        }
    }

    private static bool HasNothingToSee(JsonElement partition) =>
        Text(partition, "state") == "live" && Text(partition, "lag") == "0" && Text(partition, "parkedStreams") == "0"
        && !Has(partition, "lastError");

    private static bool Has(JsonElement of, string name) =>
        of.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null;

    // A newer gateway may leave out what this command knows: the rest is shown all the same.
    private static string Text(JsonElement of, string name) => Has(of, name) ? of.GetProperty(name).ToString() : "?";
}
