using System.Globalization;
using System.Text;
using Granary.Contracts;
using Granary.Storage.Sqlite;
using Granary.Testing;
using Orleans.EventSourcing;
using static Granary.Tests.Unit.Sqlite.SqliteFolder;

namespace Granary.Tests.Unit.Sqlite;

/// <summary>
/// What an event of 48 bytes of JSON takes of the file of a stopped store. Each is an append of its own, by a grain.
/// </summary>
public sealed class FileSizeTests
{
    // The row, and 48 bytes of content in it; then an empty file, and what each stream takes beside its events.
    private const int EventBytes = 107;
    private const int EmptyFileBytes = 13 * ChecksummedFiles.PageSize;
    private const int StreamBytes = 120;

    [Theory]
    [InlineData(100, 20)]
    [InlineData(10, 200)]
    public Task Events_that_an_application_in_any_language_sends(int streams, int each) => AssertSizeAsync(
        streams, each, static (grains, key) => grains.GetGrain<IEventStreamGrain>("orders/" + key).Append(
            new([new StreamEvent("measured", Encoding.UTF8.GetBytes(MeasuredGrain.Json))])));

    [Theory]
    [InlineData(100, 20)]
    [InlineData(10, 200)]
    public Task Events_of_a_journaled_grain(int streams, int each) => AssertSizeAsync(
        streams, each, static (grains, key) => grains.GetGrain<IMeasuredGrain>(key).Measure());

    private static async Task AssertSizeAsync(int streams, int each, Func<IGrainFactory, string, Task> append)
    {
        await using var folder = new SqliteFolder();
        var store = await folder.OpenAsync();
        var options = new GranaryTestClusterOptions
        {
            Store = store, Configure = static (_, granary) => granary.AddGranaryGrains(),
        };
        await using (var cluster = await GranaryTestCluster.StartAsync(options))
        {
            await Parallel.ForAsync(0, streams, Token, async (stream, _) =>
            {
                for (var at = 0; at < each; at++) await append(cluster.Grains, Key(stream));
            });
        }

        var stored = await ReadLogAsync(store);
        Assert.Equal(streams * each, stored.Count);
        Assert.All(stored, static one => Assert.Equal(MeasuredGrain.Json, Encoding.UTF8.GetString(one.Payload.Span)));
        await store.DisposeAsync();
        Assert.Equal([folder.Path], Directory.GetFiles(Path.GetDirectoryName(folder.Path)!));
        var size = new FileInfo(folder.Path).Length - EmptyFileBytes - StreamBytes * streams;
        Assert.True(size <= EventBytes * streams * each, $"An event takes {size / (double)(streams * each):f1} bytes.");
    }

    private static string Key(int stream) => string.Create(CultureInfo.InvariantCulture, $"sensor-{stream:d5}");

    [Alias("unit.IMeasuredGrain")]
    internal interface IMeasuredGrain : IGrainWithStringKey
    {
        [Alias("Measure")] Task Measure();
    }

    [Alias("unit-measured")]
    internal sealed record Measured(int Sensor, string Value);

    internal sealed class MeasuredState
    {
        public int Count { get; private set; }

        public void Apply(Measured _) => Count++;
    }

    [GrainType("unit-measured")]
    internal sealed class MeasuredGrain : JournaledGrain<MeasuredState, Measured>, IMeasuredGrain
    {
        public const string Json = """{"sensor":123456,"value":"xxxxxxxxxxxxxxxxxxxx"}""";

        public Task Measure()
        {
            RaiseEvent(new Measured(123_456, new string('x', 20)));
            return ConfirmEvents();
        }
    }
}
