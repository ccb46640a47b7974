using System.CommandLine;

namespace Granary.Cli;

/// <summary>What the commands have that watch and steer the readers of the log.</summary>
internal static class SteeringParts
{
    /// <summary>The environment variable that names the gateway where the command line does not.</summary>
    public const string UrlVariable = "GRANARY_URL";

    /// <summary>The address of a gateway.</summary>
    public static Option<string?> Url() => new("--url")
    {
        Description = "The address of a gateway, as in http://127.0.0.1:5210. "
            + $"{UrlVariable} names it where it is left out.",
    };

    /// <summary>A reader's name.</summary>
    public static Argument<string> Name() => new("name")
    {
        Description = "The projection, a build of one, or another reader of the log.",
    };

    /// <summary>Opens what the command line or the environment names.</summary>
    /// <exception cref="CommandException">There is none.</exception>
    public static GatewayCalls Open(CommandIo io, string? url)
    {
        var text = string.IsNullOrEmpty(url) ? io.Variable(UrlVariable) : url;
        return string.IsNullOrEmpty(text)
            ? throw new CommandException(
                $"No gateway is named: add --url http://<gateway>, or set {UrlVariable}.", ExitCodes.Usage)
            : new GatewayCalls(text);
    }

    /// <summary>A command that makes one call, and says what it has done.</summary>
    public static async Task<int> CallAsync(
        CommandIo io, string? url, HttpMethod method, string path, string done, CancellationToken cancellationToken)
    {
        using var gateway = Open(io, url);
        await gateway.SendAsync(method, path, cancellationToken);
        await new OutputLines(io).WriteTextAsync(done, cancellationToken);
        return ExitCodes.Done;
    }
}
