using System.Text;
using System.Text.Json;
using Granary.Contracts;
using Granary.Testing;

namespace Granary.Tests.Cli;

/// <summary>Snapshots that a silo has taken of streams of JSON events.</summary>
public sealed class FoldedSnapshotTests
{
    private static readonly StreamName One = new("orders", "1");
    private static readonly StreamName Two = new("orders", "2");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task They_are_folded_anew_and_a_state_begins_with_them()
    {
        var store = await FilledByASiloAsync();

        var findings = new List<Finding>();
        var verification = new StoreVerification(store, findings.Add);
        await verification.RunAsync(Token);

        Assert.Empty(findings);
        Assert.True(verification.Streams!.Folded >= 2, $"{verification.Streams.Folded} were folded.");
        Assert.Empty(verification.Streams.NotFolded);

        // The events before the snapshot are not read: they cannot be any more.
        var newest = (await store.Snapshots.ReadSnapshotAsync(One, new(long.MaxValue), null, Token))!;
        Assert.True(await store.Events.TruncateAsync(new(One, newest.Version, newest.Position), Token));
        using var io = new TestIo();
        Assert.Equal(0, await StateCommand.RunAsync(io.Io, store, new(One, null, null), Token));
        var state = JsonDocument.Parse(io.Output).RootElement.GetProperty("state");
        Assert.Equal(20, state.GetProperty("last").GetInt32());
        Assert.Equal(1, state.GetProperty("n1").GetInt32());
    }

    [Fact]
    public async Task One_that_is_not_what_the_events_make_is_found()
    {
        var store = await FilledByASiloAsync();
        var of = (await store.Snapshots.ReadSnapshotAsync(One, new(long.MaxValue), null, Token))!;
        var page = await store.Events.ReadStreamForwardAsync(Two, new(of.Version.Value - 1), 1, Token);
        await store.Snapshots.WriteSnapshotAsync(
            new()
            {
                Stream = Two,
                Version = of.Version,
                Position = page.Events[0].Position,
                Timestamp = page.Events[0].Timestamp,
                Fingerprint = of.Fingerprint,
                Checksum = of.Checksum,
                Payload = of.Payload,
            },
            Token);

        var findings = new List<Finding>();
        await new StoreVerification(store, findings.Add).RunAsync(Token);

        var one = Assert.Single(findings);
        Assert.Equal((FindingKinds.Snapshot, Two), (one.Kind, one.Stream));
        Assert.Contains("not what the events before it make", one.Message, StringComparison.Ordinal);
    }

    private static async Task<OpenedStore> FilledByASiloAsync()
    {
        var store = await Stores.InMemoryAsync(1);
        await using var cluster = await GranaryTestCluster.StartAsync(new()
        {
            Store = store.Events,
            Snapshots = store.Snapshots,
            Configure = static (_, granary) => granary.AddGranaryGrains()
                .ConfigureSnapshots(static options => (options.EventsMin, options.EventsMax) = (1, 5)),
        });
        foreach (var stream in (StreamName[])[One, Two])
        {
            var grain = cluster.Grains.GetGrain<IEventStreamGrain>($"{stream}");
            for (var at = 1; at <= 20; at++)
            {
                var data = Encoding.UTF8.GetBytes($"{{\"n{at}\":{at},\"last\":{at},\"of\":\"{stream}\"}}");
                await grain.Append(new([new StreamEvent("noted", data)], ExpectedVersion.Any, $"key{at}"));
            }
        }

        return store;
    }
}
