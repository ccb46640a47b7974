namespace Granary.Cli;

/// <summary>Ends the command with a message for people and an exit code.</summary>
/// <param name="message">What happened and what to do.</param>
/// <param name="exitCode">One of <see cref="ExitCodes"/>.</param>
/// <param name="inner">What caused it.</param>
internal sealed class CommandException(string message, int exitCode, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>What the command ends with.</summary>
    public int ExitCode => exitCode;
}
