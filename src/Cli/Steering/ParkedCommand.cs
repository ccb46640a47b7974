using System.CommandLine;
using System.Text;
using System.Text.Json;

namespace Granary.Cli;

/// <summary><c>granary parked</c>.</summary>
internal static class ParkedCommand
{
    public static Command Create(CommandIo io) =>
        new("parked", "Shows the streams whose events a reader could not handle, and has them handled or dropped.")
        {
            List(io), Retry(io), Drop(io),
        };

    private static Command List(CommandIo io)
    {
        var (name, url, json) = (SteeringParts.Name(), SteeringParts.Url(), CommandParts.Json());
        var command = new Command("list", "Lists them.") { name, url, json };
        command.SetAction((parsed, token) => ListAsync(
            io, parsed.GetValue(url), parsed.GetValue(name)!, parsed.GetValue(json), token));
        return command;
    }

    private static Command Retry(CommandIo io)
    {
        var (name, stream, url) = (SteeringParts.Name(), CommandParts.Stream(), SteeringParts.Url());
        var command = new Command("retry", "Has the events of a stream handled again.") { name, stream, url };
        command.SetAction((parsed, token) => SteeringParts.CallAsync(
            io, parsed.GetValue(url), HttpMethod.Post,
            PathOf(parsed.GetValue(name)!, parsed.GetValue(stream)!) + "/retry",
            $"{parsed.GetValue(stream)} is handled again.", token));
        return command;
    }

    private static Command Drop(CommandIo io)
    {
        var (name, stream, url) = (SteeringParts.Name(), CommandParts.Stream(), SteeringParts.Url());
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask." };
        var command = new Command("drop", "Drops the events of a stream that wait: they are never handled.")
        {
            name, stream, url, yes,
        };
        command.SetAction(async (parsed, token) =>
        {
            var (reader, dropped) = (parsed.GetValue(name)!, parsed.GetValue(stream)!);
            return await Confirmation.AskAsync(
                io, parsed.GetValue(yes), $"{reader} never handles the events of {dropped} that wait.", token)
                ? await SteeringParts.CallAsync(
                    io, parsed.GetValue(url), HttpMethod.Delete, PathOf(reader, dropped),
                    $"The events of {dropped} that wait are dropped.", token)
                : ExitCodes.Found;
        });
        return command;
    }

    private static async Task<int> ListAsync(
        CommandIo io, string? url, string name, bool json, CancellationToken cancellationToken)
    {
        using var gateway = SteeringParts.Open(io, url);
        var lines = new OutputLines(io);
        string? after = null;
        do
        {
            var path = GatewayCalls.PathOf("subscriptions", name, "parked")
                + (after is null ? "" : $"?after={Uri.EscapeDataString(after)}");
            using var page = JsonDocument.Parse(await gateway.SendAsync(HttpMethod.Get, path, cancellationToken));
            foreach (var one in page.RootElement.GetProperty("streams").EnumerateArray())
            {
                if (json)
                    await lines.WriteLineAsync(Encoding.UTF8.GetBytes(one.GetRawText()), cancellationToken);
                else
                    await lines.WriteTextAsync(
                        $"{one.GetProperty("stream")}  from {one.GetProperty("position")} ({
                            one.GetProperty("eventType")})  {one.GetProperty("tries")} tries  {
                            one.GetProperty("error")}", cancellationToken);
            }

            after = page.RootElement.TryGetProperty("next", out var next) ? next.GetString() : null;
        }
        while (after is not null);
        return ExitCodes.Done;
    }

    private static string PathOf(string name, string stream)
    {
        var parsed = CommandParts.StreamOf(stream);
        return GatewayCalls.PathOf("subscriptions", name, "parked", parsed.Category, parsed.Key);
    }
}
