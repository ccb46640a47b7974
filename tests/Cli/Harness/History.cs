using System.Text;

namespace Granary.Tests.Cli;

/// <summary>Writes a random history into a store: appends, clearings, snapshots, truncations.</summary>
internal sealed class History(OpenedStore store, int seed, int streams = 12)
{
    private readonly Random _random = new(seed);
    private DateTimeOffset _now = new(2020, 1, 2, 3, 4, 5, TimeSpan.Zero);

    /// <summary>Makes so many appends and clearings.</summary>
    public async Task WriteAsync(int appends, bool clears = true)
    {
        for (var at = 0; at < appends; at++)
        {
            var stream = new StreamName("orders", $"{_random.Next(streams)}");
            var head = await store.Events.ReadHeadAsync(stream, TestContext.Current.CancellationToken);
            var expected = ExpectedVersion.Exactly(head.Version);
            var id = AppendId.New(TimeProvider.System);
            var append = clears && head.Version.Value > 3 && _random.Next(8) == 0
                ? Append.Clear(stream, expected, id)
                : new Append(stream, expected, id, Events());
            _now += TimeSpan.FromMicroseconds(_random.Next(3) * 17);
            var answer = await store.Events.CommitAsync(append, _now, TestContext.Current.CancellationToken);
            Assert.Equal(AppendOutcome.Appended, answer.Outcome);
        }
    }

    /// <summary>Clears a stream.</summary>
    public async Task ClearAsync(StreamName stream) => await store.Events.CommitAsync(
        Append.Clear(stream, ExpectedVersion.StreamExists, AppendId.New(TimeProvider.System)), _now,
        TestContext.Current.CancellationToken);

    /// <summary>Writes a snapshot of a stream at a version.</summary>
    public async Task SnapshotAsync(StreamName stream, long version)
    {
        var page = await store.Events.ReadStreamForwardAsync(
            stream, new(version - 1), 1, TestContext.Current.CancellationToken);
        var payload = Encoding.UTF8.GetBytes($"state {stream} {version}");
        await store.Snapshots.WriteSnapshotAsync(
            new()
            {
                Stream = stream,
                Version = new(version),
                Position = page.Events[0].Position,
                Timestamp = page.Events[0].Timestamp,
                Fingerprint = "shape/fold",
                Checksum = System.IO.Hashing.XxHash64.HashToUInt64(payload),
                Payload = payload,
            },
            TestContext.Current.CancellationToken);
    }

    /// <summary>Truncates a stream before a version.</summary>
    public async Task TruncateAsync(StreamName stream, long before)
    {
        var page = await store.Events.ReadStreamForwardAsync(
            stream, new(before - 1), 1, TestContext.Current.CancellationToken);
        Assert.True(await store.Events.TruncateAsync(
            new(stream, new(before), page.Events[0].Position), TestContext.Current.CancellationToken));
    }

    private NewEvent[] Events()
    {
        var events = new NewEvent[_random.Next(5) == 0 ? _random.Next(2, 6) : 1];
        for (var at = 0; at < events.Length; at++)
        {
            var id = Uuid7.New(TimeProvider.System);
            events[at] = _random.Next(4) switch
            {
                0 => new(id, "counted", new byte[] { 0, 255, (byte)_random.Next(256) })
                {
                    ContentType = ContentTypes.Orleans, SchemaVersion = 2,
                },
                1 => new(id, "noted", default) { Metadata = EventMetadata.Of([new("actor", "ada\n")]) },
                _ => new(id, "placed", Encoding.UTF8.GetBytes($"{{\"total\": {_random.Next(1000)}}}")),
            };
        }

        return events;
    }
}
