using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Granary.Cli;

/// <summary>Shows how far a copy has come: a bar on a terminal, lines elsewhere.</summary>
internal sealed class CopyReport(CommandIo io, CopyProgress progress, bool json)
{
    private static readonly TimeSpan BarInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(5);

    private readonly OutputLines _lines = new(io);

    /// <summary>Shows progress while a copy runs.</summary>
    public Task WhileAsync(Func<Task> copy) =>
        io.IsErrorTerminal && !json ? WithBarAsync(copy) : WithLinesAsync(copy);

    /// <summary>Reports that a copy that follows has come to the end of the source.</summary>
    public void CaughtUp(SnapshotCopy beside)
    {
        if (json) _lines.WriteJsonAsync(writer => Write(writer, "caughtUp", beside), CancellationToken.None)
            .AsTask().GetAwaiter().GetResult();
        else io.Error.WriteLine($"Caught up: {Sentence(beside)} What is appended now follows, until Ctrl-C.");
    }

    /// <summary>Reports that a copy was stopped.</summary>
    public async Task WriteStoppedAsync()
    {
        if (json) await _lines.WriteJsonAsync(writer => Write(writer, "stopped", null), CancellationToken.None);
        else await io.Error.WriteLineAsync(
            $"Stopped at {Number(progress.Copied)} events. The same command continues it.");
    }

    /// <summary>Reports that a copy is complete.</summary>
    public async Task WriteEndAsync(SnapshotCopy beside)
    {
        if (json) await _lines.WriteJsonAsync(writer => Write(writer, "complete", beside), CancellationToken.None);
        else await _lines.WriteTextAsync($"Complete: {Sentence(beside)}", CancellationToken.None);
    }

    private string Sentence(SnapshotCopy beside)
    {
        var later = progress.Later == 0
            ? ""
            : $" {Number(progress.Later)} events have a later time than in the source, which was written meanwhile.";
        var truncated = beside.Truncations == 0 ? "" : $", {Number(beside.Truncations)} truncations";
        return $"{Number(progress.Copied)} events are there, {Number(progress.Written)} of them copied now, with "
            + $"{Number(beside.Snapshots)} snapshots{truncated}, in {progress.Elapsed.TotalSeconds:0.0} s.{later}";
    }

    private void Write(Utf8JsonWriter writer, string status, SnapshotCopy? beside)
    {
        writer.WriteString("status", status);
        writer.WriteNumber("events", progress.Copied);
        writer.WriteNumber("total", progress.Total);
        writer.WriteNumber("copied", progress.Written);
        writer.WriteNumber("later", progress.Later);
        writer.WriteNumber("eventsPerSecond", Math.Round(progress.Rate));
        if (beside is null)
        {
            if (progress.Left is { } left) writer.WriteNumber("secondsLeft", Math.Round(left.TotalSeconds));
        }
        else
        {
            writer.WriteNumber("snapshots", beside.Snapshots);
            writer.WriteNumber("truncations", beside.Truncations);
        }
    }

    private async Task WithLinesAsync(Func<Task> copy)
    {
        var running = copy();
        using var timer = new PeriodicTimer(LineInterval, io.Time);
        var tick = timer.WaitForNextTickAsync().AsTask();
        var last = -1L;
        while (await Task.WhenAny(running, tick) != running)
        {
            tick = timer.WaitForNextTickAsync().AsTask();
            if (progress.Written == last) continue;
            last = progress.Written;
            if (json) await _lines.WriteJsonAsync(writer => Write(writer, "copying", null), CancellationToken.None);
            else await io.Error.WriteLineAsync(Line());
        }

        await running;
    }

    private string Line() =>
        $"{Number(progress.Copied)} of {Number(progress.Total)} events, {Number((long)progress.Rate)} a second"
        + (progress.Left is { } left && left > TimeSpan.Zero ? $", {left:hh\\:mm\\:ss} left" : "");

    private async Task WithBarAsync(Func<Task> copy)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(io.Error) });
        await console.Progress()
            .AutoClear(true)
            .Columns(
                new ProgressBarColumn(), new PercentageColumn(), new LineColumn(Line))
            .StartAsync(async context =>
            {
                var task = context.AddTask("copy");
                var running = copy();
                using var timer = new PeriodicTimer(BarInterval, io.Time);
                var tick = timer.WaitForNextTickAsync().AsTask();
                while (await Task.WhenAny(running, tick) != running)
                {
                    tick = timer.WaitForNextTickAsync().AsTask();
                    task.MaxValue = Math.Max(1, progress.Total);
                    task.Value = progress.Copied;
                }

                await running;
            });
    }

    private static string Number(long value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    private sealed class LineColumn(Func<string> line) : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(line());
    }
}
