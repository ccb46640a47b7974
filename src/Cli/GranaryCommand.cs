using System.CommandLine;
using System.CommandLine.Help;

namespace Granary.Cli;

/// <summary>The command line: its parts, how it is run, and how it ends.</summary>
internal static class GranaryCommand
{
    // What the arguments have in them that may hold a password.
    private static readonly string[] Secrets =
        ["postgres:", "postgresql:", "password", "pwd", "azure:", "accountkey", "sig="];

    /// <summary>Runs a command line.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(
        IReadOnlyList<string> arguments, CommandIo io, CancellationToken cancellationToken)
    {
        var parsed = Create(io).Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors) await io.Error.WriteLineAsync(
                Shown.Text(WithoutAddresses(error.Message, arguments)));
            await io.Error.WriteLineAsync("granary --help lists what there is.");
            return ExitCodes.Usage;
        }

        try
        {
            var code = await parsed.InvokeAsync(
                new InvocationConfiguration
                {
                    Output = io.Out,
                    Error = io.Error,
                    EnableDefaultExceptionHandler = false,
                    ProcessTerminationTimeout = null,
                },
                cancellationToken);
            await io.Out.FlushAsync(CancellationToken.None);
            return code;
        }
        catch (Exception fault)
        {
            return await ReportAsync(fault, io, cancellationToken);
        }
    }

    // No RootCommand: it has the name of the assembly, and people type another one.
    private static Command Create(CommandIo io) =>
        new("granary", $"Looks after Granary's stores. {ExitCodes.Help}")
        {
            new HelpOption(),
            new VersionOption(),
            CopyCommand.Create(io),
            VerifyCommand.Create(io),
            ExportCommand.Create(io),
            ImportCommand.Create(io),
            BackupCommand.Create(io),
            StreamsCommand.Create(io),
            ReadCommand.Create(io),
            TailCommand.Create(io),
            StateCommand.Create(io),
            DeleteCommand.Create(io),
            TruncateCommand.Create(io),
            ReadersCommand.Projections(io),
            ReadersCommand.Subscriptions(io),
            SteerCommands.Pause(io),
            SteerCommands.Resume(io),
            SteerCommands.Rebuild(io),
            SteerCommands.Switch(io),
            SteerCommands.Drop(io),
            ParkedCommand.Create(io),
        };

    private static async Task<int> ReportAsync(Exception fault, CommandIo io, CancellationToken cancellationToken)
    {
        if (fault is OperationCanceledException && cancellationToken.IsCancellationRequested)
        {
            await FlushAsync(io);
            return ExitCodes.Stopped;
        }

        // Whoever reads the output has enough.
        if (fault is ClosedOutputException) return ExitCodes.Done;
        await FlushAsync(io);
        var (code, message) = fault switch
        {
            CommandException command => (command.ExitCode, command.Message),
            CopyOvertakenException => (ExitCodes.Found, fault.Message),
            StoreUnavailableException => (ExitCodes.Unavailable, fault.Message),
            GranaryException => (ExitCodes.Found, fault.Message),
            IOException or UnauthorizedAccessException or HttpRequestException =>
                (ExitCodes.Unavailable, fault.Message),
            _ => (ExitCodes.Found, $"This is a defect; please report it with what follows.\n{fault}"),
        };
        await io.Error.WriteLineAsync(code == ExitCodes.Found && fault is not GranaryException
            && fault is not CommandException ? message : Shown.Text(message));
        return code;
    }

    // A store that is named in a wrong place is repeated by the parser, and may hold a password.
    private static string WithoutAddresses(string message, IReadOnlyList<string> arguments)
    {
        foreach (var one in arguments.OrderByDescending(static one => one.Length))
        {
            if (Secrets.Any(secret => one.Contains(secret, StringComparison.OrdinalIgnoreCase)))
                message = message.Replace(one, "(the address of a store)", StringComparison.Ordinal);
        }

        return message;
    }

    private static async Task FlushAsync(CommandIo io)
    {
        try
        {
            await io.Out.FlushAsync(CancellationToken.None);
        }
        catch (IOException)
        {
            // The reader of the output has gone; the error is still reported.
        }
    }
}
