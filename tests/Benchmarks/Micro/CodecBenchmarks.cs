using BenchmarkDotNet.Attributes;
using Granary.Runtime;

namespace Granary.Benchmarks;

/// <summary>An event to its bytes and back.</summary>
public class CodecBenchmarks
{
    private readonly Noted _event = Noted.Of(1);
    private readonly List<Noted> _decoded = [];
    private BenchSilo _silo = null!;
    private IEventCodec<Noted> _codec = null!;
    private RecordedEvent _recorded = null!;

    /// <summary>Makes a codec, and an event that was stored with it.</summary>
    [GlobalSetup]
    public async Task Setup()
    {
        _silo = MemorySilo.Start();
        _codec = MemorySilo.Get<IEventCodec<Noted>>(_silo);
        await _silo.Tally(GranaryTally.Kind, 0).Add(1);
        var stored = await MemorySilo.Get<IEventStore>(_silo).ReadStreamForwardAsync(
            GranaryContestant.StreamOf(0), StreamVersion.Zero, 1, CancellationToken.None);
        _recorded = stored.Events[0];
    }

    /// <summary>Stops the silo.</summary>
    [GlobalCleanup]
    public void Cleanup() => MemorySilo.Stop(_silo);

    /// <summary>To bytes.</summary>
    [Benchmark]
    public NewEvent Encode() => _codec.Encode(_event, EventMetadata.Empty);

    /// <summary>From bytes.</summary>
    [Benchmark]
    public int Decode()
    {
        _decoded.Clear();
        _codec.Decode(_recorded, _decoded);
        return _decoded.Count;
    }
}
