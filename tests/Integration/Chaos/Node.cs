using System.Net;

namespace Granary.Tests.Integration;

/// <summary>The shipped executable under a supervisor: whenever its process ends, it is started again.</summary>
internal sealed class Node : IAsyncDisposable
{
    private const int OutputLengthMax = 4000;

    private readonly string[] _command;
    private readonly string? _logs;
    private readonly Task _supervision;
    private volatile ChildProcess _process;
    private volatile bool _stops;
    private int _starts = 1;

    /// <summary>Starts it.</summary>
    /// <param name="name">What the result calls it.</param>
    /// <param name="url">Where it answers HTTP.</param>
    /// <param name="prefix">What its command begins with.</param>
    /// <param name="arguments">Its settings.</param>
    /// <param name="logs">A folder for what it prints, or null.</param>
    public Node(string name, Uri url, string[] prefix, string[] arguments, string? logs)
    {
        Name = name;
        Url = url;
        _logs = logs;
        _command =
        [
            .. prefix, "dotnet", "exec", Path.Combine(AppContext.BaseDirectory, "Granary.Silo.dll"),
            $"--Granary:Url={url.GetLeftPart(UriPartial.Authority)}", .. arguments,
        ];
        _process = Run();
        _supervision = SuperviseAsync();
    }

    public string Name { get; }

    public Uri Url { get; }

    /// <summary>How often it was started.</summary>
    public int Starts => Volatile.Read(ref _starts);

    /// <summary>The end of what its process has printed.</summary>
    public string LastOutput
    {
        get
        {
            var output = _process.Output;
            return output[^Math.Min(OutputLengthMax, output.Length)..];
        }
    }

    /// <summary>kill -9; it is started again at once.</summary>
    public Task KillAsync() => _process.KillAsync();

    /// <summary>Lets it leave in order, and waits for its end; it is started again at once.</summary>
    public Task StopAsync() => _process.TerminateAsync(TestContext.Current.CancellationToken);

    /// <summary>kill -STOP.</summary>
    public void Suspend() => _process.Suspend();

    /// <summary>kill -CONT.</summary>
    public void Resume() => _process.Resume();

    /// <summary>Whether it answers that it is ready.</summary>
    public async Task<bool> IsReadyAsync(HttpClient http, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri(Url, "/health/ready"), cancellationToken);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception fault) when (
            fault is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _stops = true;
        await _process.KillAsync();
        await _supervision;
        await _process.DisposeAsync();
    }

    private ChildProcess Run() => ChildProcess.Run(
        _command, Path.GetTempPath(), [], string.IsNullOrEmpty(_logs) ? null : Keep);

    private void Keep(string line) => File.AppendAllText(Path.Combine(_logs!, Name + ".log"), line + "\n");

    private async Task SuperviseAsync()
    {
        while (true)
        {
            var ended = _process;
            await ended.End;
            if (_stops) return;
            _process = Run();
            Interlocked.Increment(ref _starts);
            await ended.DisposeAsync();

            // Where the end was asked for meanwhile, the process that it killed may have been the earlier one.
            if (_stops) await _process.KillAsync();
        }
    }
}
