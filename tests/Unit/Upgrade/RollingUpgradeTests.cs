namespace Granary.Tests.Unit.Upgrade;

/// <summary>
/// A silo that meets what only the next version knows fails the activation, and writes nothing over it.
/// </summary>
public sealed class RollingUpgradeTests : IAsyncLifetime
{
    private static readonly StreamName Stream = new("stock", "a");

    private TwoVersions _cluster = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _cluster = await TwoVersions.StartAsync();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task An_event_type_that_a_silo_does_not_know_fails_the_activation_there_and_not_elsewhere()
    {
        await AppendAsync(version: 0, "unit.stock-added", 1, """{"count":10}""");
        await AppendAsync(version: 1, "unit.stock-damaged", 1, """{"count":3}""");

        await FailsOnOldAsync(version: 2, "unit.stock-damaged", schema: 1, static grain => grain.Get());
        await FailsOnOldAsync(version: 2, "unit.stock-damaged", schema: 1, static grain => grain.Add(1));
        await AssertNothingWrittenAsync();

        Assert.Equal(7, await UpgradeAndGetAsync());
    }

    [Fact]
    public async Task A_newer_schema_of_a_type_that_a_silo_knows_fails_the_activation_there_and_not_elsewhere()
    {
        await AppendAsync(version: 0, "unit.stock-added", 1, """{"count":1}""");
        await AppendAsync(version: 1, "unit.stock-added", DozensToUnits.Schema, """{"dozens":2}""");

        await FailsOnOldAsync(version: 2, "unit.stock-added", DozensToUnits.Schema, static grain => grain.Get());
        await FailsOnOldAsync(version: 2, "unit.stock-added", DozensToUnits.Schema, static grain => grain.Add(1));
        await AssertNothingWrittenAsync();

        Assert.Equal(25, await UpgradeAndGetAsync());
    }

    [Fact]
    public async Task A_grain_that_is_active_when_the_event_comes_from_elsewhere_fails_and_writes_nothing()
    {
        await _cluster.CallAsync("a", _cluster.Old, static grain => grain.Add(10));
        Assert.Equal(
            _cluster.Old.ToString(), await _cluster.CallAsync("a", _cluster.Old, static grain => grain.ReadPlace()));
        await AppendAsync(version: 1, "unit.stock-damaged", 1, """{"count":3}""");

        var failure = await Assert.ThrowsAsync<EventsNotConfirmedException>(
            () => _cluster.CallAsync("a", _cluster.Old, static grain => grain.Add(1)));
        var reason = Assert.IsType<ReplayFailedException>(failure.InnerException);
        Assert.Equal(
            (Stream, new StreamVersion(2), "unit.stock-damaged"), (reason.Stream, reason.Version, reason.EventType));
        await AssertNothingWrittenAsync(snapshotMax: 1);

        Assert.Equal(7, await UpgradeAndGetAsync());
    }

    // The last step of an upgrade: what failed on the old silo goes on.
    private async Task<int> UpgradeAndGetAsync()
    {
        var next = _cluster.Next;
        await _cluster.StopOldAsync();
        var count = await _cluster.CallAsync("a", next, static grain => grain.Get());
        await _cluster.CallAsync("a", next, static grain => grain.Damage(1));
        Assert.Equal(count - 1, await _cluster.CallAsync("a", next, static grain => grain.Get()));
        Assert.Equal(3, (await _cluster.Store.ReadHeadAsync(Stream, Token)).Version.Value);
        return count;
    }

    private async Task FailsOnOldAsync(long version, string type, int schema, Func<IStockGrain, Task> call)
    {
        var failure = await Assert.ThrowsAsync<ReplayFailedException>(
            () => _cluster.CallAsync("a", _cluster.Old, call));
        Assert.Equal(
            (Stream, new StreamVersion(version), type, schema),
            (failure.Stream, failure.Version, failure.EventType, failure.SchemaVersion));
        Assert.Contains(type, failure.Message, StringComparison.Ordinal);
    }

    // The stream ends with what the old silo does not understand, and no snapshot is of it.
    private async Task AssertNothingWrittenAsync(long snapshotMax = 0)
    {
        Assert.Equal(2, (await _cluster.Store.ReadHeadAsync(Stream, Token)).Version.Value);
        var snapshot = await _cluster.Snapshots.ReadSnapshotAsync(Stream, new(long.MaxValue), null, Token);
        Assert.InRange(snapshot?.Version.Value ?? 0, 0, snapshotMax);
    }

    // As a silo of the next version does that believes to be the grain's only one.
    private async Task AppendAsync(long version, string type, int schema, string json)
    {
        var written = new NewEvent(
            Uuid7.New(TimeProvider.System), type, System.Text.Encoding.UTF8.GetBytes(json)) { SchemaVersion = schema };
        var expected = version == 0 ? ExpectedVersion.NoStream : ExpectedVersion.Exactly(new(version));
        var committed = await _cluster.Store.CommitAsync(
            new Append(Stream, expected, AppendId.New(TimeProvider.System), [written]),
            TimeProvider.System.GetUtcNow(), Token);
        Assert.Equal(AppendOutcome.Appended, committed.Outcome);
    }
}
