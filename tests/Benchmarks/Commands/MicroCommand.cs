using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Granary.Benchmarks;

/// <summary>The parts one by one, by BenchmarkDotNet.</summary>
internal static class MicroCommand
{
    private static readonly Type[] Suites =
        [typeof(CodecBenchmarks), typeof(FoldBenchmarks), typeof(AdaptorBenchmarks), typeof(AppenderBenchmarks)];

    public static void Run(string[] words)
    {
        var filter = words switch
        {
            [] => "*",
            [var one] when !one.StartsWith('-') => one,
            _ => throw new ArgumentsException("micro takes one filter, as in *Codec*, or nothing."),
        };

        // In this process: a project made for each suite would need this repository's settings to agree with it.
        var config = DefaultConfig.Instance
            .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
            .AddDiagnoser(MemoryDiagnoser.Default);
        BenchmarkSwitcher.FromTypes(Suites).Run(["--filter", filter], config);
    }
}
