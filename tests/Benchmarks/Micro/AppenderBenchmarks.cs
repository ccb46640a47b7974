using System.Globalization;
using BenchmarkDotNet.Attributes;
using Granary.Runtime;

namespace Granary.Benchmarks;

/// <summary>Appends that wait for one another's commit: the way to the writer and back.</summary>
public class AppenderBenchmarks
{
    private const int AtOnce = 256;

    private readonly long[] _versions = new long[AtOnce];
    private readonly Task<AppendResult>[] _answers = new Task<AppendResult>[AtOnce];
    private readonly StreamName[] _streams =
    [
        .. Enumerable.Range(0, AtOnce).Select(static at =>
            new StreamName("bench", at.ToString(CultureInfo.InvariantCulture))),
    ];

    private BenchSilo _silo = null!;
    private IAppender _appender = null!;

    /// <summary>Starts a silo.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _silo = MemorySilo.Start();
        _appender = MemorySilo.Get<IAppender>(_silo);
    }

    /// <summary>Stops it.</summary>
    [GlobalCleanup]
    public void Cleanup() => MemorySilo.Stop(_silo);

    /// <summary>One event to each of 256 streams, all waiting at the same time.</summary>
    [Benchmark(OperationsPerInvoke = AtOnce)]
    public async Task Append()
    {
        for (var at = 0; at < AtOnce; at++)
        {
            var append = Filling.Append(_streams[at], _versions[at]++, 1);
            _answers[at] = _appender.AppendAsync(append, CancellationToken.None).AsTask();
        }

        await Task.WhenAll(_answers);
    }
}
