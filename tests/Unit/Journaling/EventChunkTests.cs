using System.Globalization;
using Granary.Runtime;

namespace Granary.Tests.Unit.Journaling;

public sealed class EventChunkTests
{
    private const int Length = 1_000;

    private readonly Codec _codec = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_event_comes_in_its_order_with_all_that_it_decodes_to()
    {
        var (at, chunks) = (0, 0);
        await foreach (var chunk in EventChunk<string>.ReadAsync(Stream(Length), _codec, after: 0, Token))
        {
            chunks++;
            for (var inside = 0; inside < chunk.Count; inside++)
            {
                Assert.Equal(++at, chunk[inside].Version.Value);
                Assert.Equal(Codec.EventsOf(at), chunk.EventsOf(inside).ToArray());
            }
        }

        Assert.Equal(Length, at);
        Assert.True(chunks > 2, $"{chunks} chunks");
    }

    [Fact]
    public async Task What_is_known_is_returned_and_not_decoded()
    {
        _codec.FailsAt = 3;
        var given = new List<int>();
        await foreach (var chunk in EventChunk<string>.ReadAsync(Stream(5), _codec, after: 3, Token))
        {
            for (var at = 0; at < chunk.Count; at++) given.Add(chunk.EventsOf(at).Length);
        }

        Assert.Equal([0, 0, 0, Codec.EventsOf(4).Length, Codec.EventsOf(5).Length], given);
    }

    [Fact]
    public async Task An_event_that_cannot_be_decoded_ends_it_after_the_chunks_before()
    {
        _codec.FailsAt = 600;
        var given = 0L;
        await Assert.ThrowsAsync<InvalidOperationException>(async () =>
        {
            await foreach (var chunk in EventChunk<string>.ReadAsync(Stream(Length), _codec, after: 0, Token))
                given = chunk[chunk.Count - 1].Version.Value;
        });

        // The 600th is in the third chunk of 256.
        Assert.Equal(512, given);
    }

    [Fact]
    public async Task Ending_the_enumeration_early_leaves_nothing_running()
    {
        using var entered = new SemaphoreSlim(0);
        using var open = new ManualResetEventSlim();
        _codec.Before = version =>
        {
            if (version <= 300) return;
            entered.Release();
            open.Wait(Token);
        };
        await using var chunks = EventChunk<string>.ReadAsync(Stream(Length), _codec, after: 0, Token)
            .GetAsyncEnumerator(Token);
        Assert.True(await chunks.MoveNextAsync());
        await entered.WaitAsync(Token);

        var left = chunks.DisposeAsync();
        Assert.False(left.IsCompleted);
        open.Set();
        await left;
    }

    private static async IAsyncEnumerable<RecordedEvent> Stream(int length)
    {
        await Task.CompletedTask;
        for (var version = 1; version <= length; version++)
        {
            yield return new RecordedEvent
            {
                Stream = new("order", "1"),
                Version = new(version),
                Position = new(new LogPartition(0), new(version)),
                Id = Guid.Empty,
                AppendId = default,
                Type = "changed",
                SchemaVersion = 1,
                Timestamp = default,
                ContentType = ContentTypes.Json,
                Payload = default,
                Metadata = EventMetadata.Empty,
            };
        }
    }

    /// <summary>Makes none, one and two events in turn of what is recorded.</summary>
    private sealed class Codec : IEventCodec<string>
    {
        public long FailsAt { get; set; }

        public Action<long> Before { get; set; } = static _ => { };

        public static string[] EventsOf(long version) => [.. Enumerable.Range(0, (int)(version % 3))
            .Select(at => string.Create(CultureInfo.InvariantCulture, $"{version}.{at}"))];

        public NewEvent Encode(string @event, EventMetadata metadata) => throw new NotSupportedException();

        public void Decode(RecordedEvent recorded, ICollection<string> into)
        {
            Before(recorded.Version.Value);
            if (recorded.Version.Value == FailsAt) throw new InvalidOperationException("It cannot be decoded.");
            foreach (var one in EventsOf(recorded.Version.Value)) into.Add(one);
        }
    }
}
