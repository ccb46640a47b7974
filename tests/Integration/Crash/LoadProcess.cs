using System.Text.Json;

namespace Granary.Tests.Integration;

/// <summary>
/// The load as a process of its own: <c>load writers seed url</c>. It prints each acknowledgement as a line <c>ack
/// {json}</c> and <c>down n</c> for each writer that gets no answer; it reads <c>resume url</c> and <c>stop</c>.
/// </summary>
internal sealed class LoadProcess
{
    public const string Mode = "load";
    public const string Ack = "ack ";
    public const string Down = "down ";
    public const string Resume = "resume ";
    public const string Stop = "stop";

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private Uri[] _silos;
    private TaskCompletionSource _resumed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private LoadProcess(Uri silo) => _silos = [silo];

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        var load = new LoadProcess(new Uri(arguments[3]));
        var commands = Task.Run(load.ObeyAsync);
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(60) };
        var writers = int.Parse(arguments[1], System.Globalization.CultureInfo.InvariantCulture);
        var seed = int.Parse(arguments[2], System.Globalization.CultureInfo.InvariantCulture);
        await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => load.WriteAsync(writer, seed, http)));
        await commands;
        return 0;
    }

    private async Task WriteAsync(int writer, int seed, HttpClient http)
    {
        var load = new LoadWriter(
            writer, seed, () => _silos, token => WaitAsync(writer, token),
            acknowledged => Console.Out.WriteLine(Ack + JsonSerializer.Serialize(acknowledged)));
        try
        {
            await load.RunAsync(http, _stop.Token);
        }
        catch (InvalidOperationException fault)
        {
            // An answer that must not be: the others would wait for a silo that the test will not start again.
            await Console.Error.WriteLineAsync(fault.Message);
            Environment.Exit(1);
        }
    }

    private Task WaitAsync(int writer, CancellationToken token)
    {
        Task resumed;
        lock (_gate) resumed = _resumed.Task;
        Console.Out.WriteLine(Down + writer);
        return resumed.WaitAsync(token);
    }

    private async Task ObeyAsync()
    {
        while (await Console.In.ReadLineAsync() is { } line && line != Stop)
        {
            TaskCompletionSource waiting;
            lock (_gate)
            {
                _silos = [new Uri(line[Resume.Length..])];
                waiting = _resumed;
                _resumed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            waiting.SetResult();
        }

        await _stop.CancelAsync();
    }
}
