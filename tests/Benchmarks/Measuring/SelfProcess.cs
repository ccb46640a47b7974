using System.Diagnostics;

namespace Granary.Benchmarks;

/// <summary>This program as another process, whose input and output are lines.</summary>
internal static class SelfProcess
{
    public static ProcessStartInfo Info(params IEnumerable<string> arguments)
    {
        var program = Environment.ProcessPath!;
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
            start.ArgumentList.Add(typeof(SelfProcess).Assembly.Location);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        return start;
    }
}
