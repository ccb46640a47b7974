using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Granary.Tests.Integration;

/// <summary>A .NET process of the tests' own: its lines as they come, its end, and how to end it.</summary>
internal sealed partial class ChildProcess : IAsyncDisposable
{
    private const int SigInt = 2;
    private const int SigTerm = 15;
    private const int SigCont = 18;
    private const int SigStop = 19;

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly Action<string>? _onLine;
    private readonly List<(Func<string, bool> Match, TaskCompletionSource<string> Seen)> _awaited = [];
    private Task _end = Task.CompletedTask;

    private ChildProcess(Process process, Action<string>? onLine)
    {
        _process = process;
        _onLine = onLine;
    }

    /// <summary>Everything that it has printed so far, errors included.</summary>
    public string Output
    {
        get
        {
            lock (_output) return _output.ToString();
        }
    }

    /// <summary>Its exit code; to be read only after its end.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>Completes when it has ended and all of its output was read.</summary>
    public Task End => _end;

    public bool HasExited => _process.HasExited;

    /// <summary>Runs an assembly of the tests' folder.</summary>
    public static ChildProcess Start(
        string assembly, IEnumerable<string> arguments, string folder, Action<string>? onLine = null) =>
        Run(["dotnet", "exec", Path.Combine(AppContext.BaseDirectory, assembly), .. arguments], folder, [], onLine);

    /// <summary>Runs a program with further environment variables.</summary>
    public static ChildProcess Run(
        IReadOnlyList<string> command,
        string folder,
        IEnumerable<(string Name, string Value)> environment,
        Action<string>? onLine = null)
    {
        // A shell's background jobs ignore Ctrl-C, and so would their children: the tests may be such a job.
        string[] whole = OperatingSystem.IsLinux() ? ["env", "--default-signal=INT", .. command] : [.. command];
        var start = new ProcessStartInfo(whole[0], whole[1..])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;

        var child = new ChildProcess(new Process { StartInfo = start }, onLine);
        child._process.OutputDataReceived += (_, line) => child.OnLine(line.Data);
        child._process.ErrorDataReceived += (_, line) => child.OnLine(line.Data);
        child._process.Start();
        child._process.BeginOutputReadLine();
        child._process.BeginErrorReadLine();
        child._end = child.WatchEndAsync();
        return child;
    }

    /// <summary>
    /// Completes with the first line, already printed or later, that matches; fails when the process ends first.
    /// </summary>
    public async Task<string> LineAsync(Func<string, bool> match, CancellationToken cancellationToken)
    {
        var seen = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_output)
        {
            var printed = _output.ToString().Split('\n').FirstOrDefault(match);
            if (printed is not null) return printed;
            _awaited.Add((match, seen));
        }

        if (_end.IsCompleted) FailAwaited();
        return await seen.Task.WaitAsync(TimeSpan.FromMinutes(1), TimeProvider.System, cancellationToken);
    }

    public async Task WriteLineAsync(string line, CancellationToken cancellationToken)
    {
        await _process.StandardInput.WriteLineAsync(line.AsMemory(), cancellationToken);
        await _process.StandardInput.FlushAsync(cancellationToken);
    }

    /// <summary>Closes its input, and waits for the end that this is the sign for.</summary>
    public async Task CloseInputAsync()
    {
        _process.StandardInput.Close();
        await ExitAsync(CancellationToken.None);
    }

    /// <summary>kill -9: the process gets no signal that it could handle.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _end;
    }

    /// <summary>kill -15, and waits for the end.</summary>
    public async Task TerminateAsync(CancellationToken cancellationToken)
    {
        SendSigTerm();
        await ExitAsync(cancellationToken);
    }

    /// <summary>kill -15, without waiting.</summary>
    public void SendSigTerm()
    {
        if (!_process.HasExited) _ = Kill(_process.Id, SigTerm);
    }

    /// <summary>What Ctrl-C sends, and waits for the end.</summary>
    public async Task InterruptAsync(CancellationToken cancellationToken)
    {
        if (!_process.HasExited) _ = Kill(_process.Id, SigInt);
        await ExitAsync(cancellationToken);
    }

    /// <summary>
    /// kill -STOP: it does not run until it is resumed. The numbers of the two signals are those of Linux.
    /// </summary>
    public void Suspend() => _ = Kill(_process.Id, SigStop);

    /// <summary>kill -CONT.</summary>
    public void Resume() => _ = Kill(_process.Id, SigCont);

    public Task ExitAsync(CancellationToken cancellationToken) =>
        _end.WaitAsync(TimeSpan.FromMinutes(1), TimeProvider.System, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);

    private void OnLine(string? line)
    {
        if (line is null) return;
        lock (_output)
        {
            _output.Append(line).Append('\n');
            foreach (var awaited in _awaited.Where(awaited => awaited.Match(line)).ToList())
            {
                awaited.Seen.TrySetResult(line);
                _awaited.Remove(awaited);
            }
        }

        _onLine?.Invoke(line);
    }

    private async Task WatchEndAsync()
    {
        // Waits for the ends of its streams too, so that a last line still counts.
        await _process.WaitForExitAsync(CancellationToken.None);
        FailAwaited();
    }

    private void FailAwaited()
    {
        lock (_output)
        {
            foreach (var (_, seen) in _awaited)
            {
                seen.TrySetException(new InvalidOperationException(
                    $"The process ended with {_process.ExitCode} before it printed the expected line:\n{_output}"));
            }

            _awaited.Clear();
        }
    }
}
