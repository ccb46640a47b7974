using System.CommandLine;
using System.Text.Json;

namespace Granary.Cli;

/// <summary><c>granary pause</c>, <c>resume</c>, <c>rebuild</c>, <c>switch</c> and <c>drop</c>.</summary>
internal static class SteerCommands
{
    public static Command Pause(CommandIo io) => OfReader(
        io, "pause", "Pauses a reader of the log, until it is resumed.", static name => $"{name} is paused.");

    public static Command Resume(CommandIo io) => OfReader(
        io, "resume", "Resumes a reader of the log that was paused or has stopped.",
        static name => $"{name} is resumed.");

    public static Command Rebuild(CommandIo io)
    {
        var projection = Projection();
        var publish = new Option<bool>("--publish")
        {
            Description = "Have it serve queries as soon as it is ready.",
        };
        var url = SteeringParts.Url();
        var command = new Command("rebuild", "Builds the models of a projection anew, beside those that are read.")
        {
            projection, publish, url,
        };
        command.SetAction(async (parsed, token) =>
        {
            var name = parsed.GetValue(projection)!;
            using var gateway = SteeringParts.Open(io, parsed.GetValue(url));
            var path = GatewayCalls.PathOf("projections", name, "rebuild")
                + (parsed.GetValue(publish) ? "?publish=true" : "");
            using var build = JsonDocument.Parse(await gateway.SendAsync(HttpMethod.Post, path, token));
            var begun = build.RootElement.GetProperty("name").GetString();
            await new OutputLines(io).WriteTextAsync(
                $"{begun} is built. granary projections {name} shows how far it is.", token);
            return ExitCodes.Done;
        });
        return command;
    }

    public static Command Switch(CommandIo io)
    {
        var (projection, build, url) = (Projection(), Build(), SteeringParts.Url());
        var command = new Command("switch", "Has another build of a projection serve queries, at once.")
        {
            projection, build, url,
        };
        command.SetAction((parsed, token) => SteeringParts.CallAsync(
            io, parsed.GetValue(url), HttpMethod.Post,
            GatewayCalls.PathOf(
                "projections", parsed.GetValue(projection)!, "builds", parsed.GetValue(build)!, "switch"),
            $"{parsed.GetValue(build)} serves the queries of {parsed.GetValue(projection)}.", token));
        return command;
    }

    public static Command Drop(CommandIo io)
    {
        var (projection, build, url) = (Projection(), Build(), SteeringParts.Url());
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask." };
        var command = new Command("drop", "Drops a build of a projection that serves no queries.")
        {
            projection, build, url, yes,
        };
        command.SetAction(async (parsed, token) =>
        {
            var (name, dropped) = (parsed.GetValue(projection)!, parsed.GetValue(build)!);
            return await Confirmation.AskAsync(
                io, parsed.GetValue(yes), $"The build {dropped} of {name} is dropped.", token)
                ? await SteeringParts.CallAsync(
                    io, parsed.GetValue(url), HttpMethod.Delete,
                    GatewayCalls.PathOf("projections", name, "builds", dropped), $"{dropped} is dropped.", token)
                : ExitCodes.Found;
        });
        return command;
    }

    // What reads the log is steered by its name alone, whether it is a projection or not.
    private static Command OfReader(CommandIo io, string verb, string description, Func<string, string> done)
    {
        var (name, url) = (SteeringParts.Name(), SteeringParts.Url());
        var command = new Command(verb, description) { name, url };
        command.SetAction((parsed, token) => SteeringParts.CallAsync(
            io, parsed.GetValue(url), HttpMethod.Post,
            GatewayCalls.PathOf("subscriptions", parsed.GetValue(name)!, verb), done(parsed.GetValue(name)!), token));
        return command;
    }

    private static Argument<string> Projection() => new("projection") { Description = "The projection." };

    private static Argument<string> Build() => new("build")
    {
        Description = "The build, as granary projections shows it.",
    };
}
