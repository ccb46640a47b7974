namespace Granary.Cli;

/// <summary>Asks before something is removed.</summary>
internal static class Confirmation
{
    /// <summary>Whether to do it.</summary>
    /// <param name="io">Where it is asked.</param>
    /// <param name="yes">Whether the command line says so already.</param>
    /// <param name="what">What is about to be done.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="CommandException">Nobody can be asked.</exception>
    public static async Task<bool> AskAsync(
        CommandIo io, bool yes, string what, CancellationToken cancellationToken)
    {
        if (yes) return true;
        if (!io.IsInputTerminal)
            throw new CommandException($"{what} Nobody can be asked here: add --yes.", ExitCodes.Usage);
        await io.Error.WriteAsync($"{Shown.Text(what)} Type yes to do it: ");
        using var reader = new StreamReader(io.Input, leaveOpen: true);
        var isYes = (await reader.ReadLineAsync(cancellationToken))?.Trim() == "yes";
        if (!isYes) await io.Error.WriteLineAsync("Nothing is changed.");
        return isYes;
    }
}
