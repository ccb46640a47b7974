using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Granary.Cli;

/// <summary>What a command reads and writes, and the clock; a test has its own.</summary>
internal sealed class CommandIo : IDisposable
{
    private const int BufferSize = 64 * 1024;

    /// <summary>What the command is asked for: lines of JSON, or text.</summary>
    public required Stream Output { get; init; }

    /// <summary>What is said about it: progress, warnings, errors.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>What is piped into it.</summary>
    public required Stream Input { get; init; }

    /// <summary>Whether people see the output: then it holds no control characters.</summary>
    public bool IsOutputTerminal { get; init; }

    /// <summary>Whether people see the errors: then progress is a bar.</summary>
    public bool IsErrorTerminal { get; init; }

    /// <summary>Whether somebody can answer a question.</summary>
    public bool IsInputTerminal { get; init; }

    /// <summary>The environment's variables.</summary>
    public required Func<string, string?> Variable { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>The output as text in UTF-8; flushed when the command ends.</summary>
    public TextWriter Out => field ??= new StreamWriter(Output, new UTF8Encoding(false), BufferSize, leaveOpen: true)
    {
        NewLine = "\n",
    };

    /// <summary>The process's own.</summary>
    public static CommandIo OfProcess() => new()
    {
        Output = StandardOutput(),
        Error = Console.Error,
        Input = Console.OpenStandardInput(),
        IsOutputTerminal = !Console.IsOutputRedirected,
        IsErrorTerminal = !Console.IsErrorRedirected,
        IsInputTerminal = !Console.IsInputRedirected,
        Variable = Environment.GetEnvironmentVariable,
        Time = TimeProvider.System,
    };

    public void Dispose()
    {
        Output.Dispose();
        Input.Dispose();
    }

    // The console's own stream ignores that nobody reads any more: an export into `head` would run to its end. In a
    // file it is the right one: it goes on where others who have the same output have written to.
    private static Stream StandardOutput()
    {
        if (OperatingSystem.IsWindows()) return Console.OpenStandardOutput();
        var output = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        return output.CanSeek ? Console.OpenStandardOutput() : output;
    }
}
