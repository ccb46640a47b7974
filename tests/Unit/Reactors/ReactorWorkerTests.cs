using System.Collections.Concurrent;
using Granary.Runtime;
using Granary.Tests.Unit.Following;
using Microsoft.Extensions.Logging.Abstractions;

namespace Granary.Tests.Unit.Reactors;

/// <summary>Reactors as readers of the log: their start, their parked streams, and what they do not notice.</summary>
public sealed class ReactorWorkerTests
{
    private readonly ConcurrentQueue<string> _had = new();
    private bool _fails;

    [Fact]
    public async Task A_new_reactor_has_no_effects_for_history_unless_it_is_to_begin_there()
    {
        await using var log = await LogWorkerTests.StartedAsync();
        await log.AppendAsync("s", "old");
        var (fresh, _) = log.Start(Define(log, "counter", fromBeginning: false));
        await log.PassedAsync(fresh);
        Assert.Empty(_had);
        await log.AppendAsync("s", "new");
        await log.PassedAsync(fresh);
        Assert.Equal(["new"], _had);

        var (all, _) = log.Start(Define(log, "all", fromBeginning: true));
        await log.PassedAsync(all);
        Assert.Equal(["new", "old", "new"], _had);
    }

    [Fact]
    public async Task The_rebuild_of_a_projection_has_no_effects()
    {
        await using var log = await LogWorkerTests.StartedAsync();
        var (reactor, _) = log.Start(Define(log, "mails", fromBeginning: true));
        await log.AppendAsync("s", "one", "two");
        await log.PassedAsync(reactor);
        var (projection, _) = log.Start();
        await log.PassedAsync(projection);
        var (rebuilt, _) = log.Start(log.Define() with { Name = "counter_v2" });
        await log.PassedAsync(rebuilt);

        Assert.Equal(["one", "two"], _had);
    }

    [Fact]
    public async Task A_reader_that_begins_anew_after_a_lost_checkpoint_repeats_nothing_that_is_in_the_ledger()
    {
        await using var log = await LogWorkerTests.StartedAsync();
        await log.AppendAsync("s", "one", "two");
        log.Models.OnCommit = static commit => commit.Advance is { Move.To.Value: > 0 }
            ? throw new StoreUnavailableException("The silo ends here.")
            : Task.CompletedTask;
        var (first, _) = log.Start(Define(log, "mails", fromBeginning: true));
        await FollowedLog.UntilAsync(() => Task.FromResult(_had.Count == 2));
        await FollowedLog.UntilAsync(() => Task.FromResult(first.Progress.State == ReaderState.Starting));
        log.Models.OnCommit = null;
        var (second, _) = log.Start(Define(log, "mails", fromBeginning: true));

        // Either may take over from the other one.
        await FollowedLog.UntilAsync(() => Task.FromResult(
            Math.Max(first.Progress.Position.Value, second.Progress.Position.Value) == 2));

        Assert.Equal(["one", "two"], _had);
    }

    [Fact]
    public async Task A_stream_whose_effect_fails_is_parked_while_others_go_on_and_is_tried_again_when_asked()
    {
        await using var log = await LogWorkerTests.StartedAsync();
        var (worker, _) = log.Start(Define(log, "counter", fromBeginning: true));
        _fails = true;
        await log.AppendAsync("bad", "bad 1", "bad 2");
        await log.AppendAsync("good", "good");
        await log.PassedAsync(worker);
        Assert.Equal(["good"], _had);
        Assert.Equal("bad", Assert.Single(await log.ReadParkedAsync()).Stream.Key);

        _fails = false;
        await log.RequestAsync("bad", ParkedRequest.Retry);
        worker.Steer();
        await FollowedLog.UntilAsync(async () => (await log.ReadParkedAsync()).Count == 0);
        Assert.Equal(["good", "bad 1", "bad 2"], _had);
    }

    private WorkerDefinition Define(FollowedLog log, string name, bool fromBeginning)
    {
        var services = new EffectServices(
            new EffectLedger(log.Models, log.Time), log.Time, static () => 0, NullLogger.Instance);
        var options = new ReactorOptions { FromBeginning = fromBeginning };
        return new EffectReader(name, new Payloads(this), options).Define(services);
    }

    private sealed class Payloads(ReactorWorkerTests test) : IEffects
    {
        public IReadOnlyList<Effect> Of(RecordedEvent @event) =>
        [
            (context, _) =>
            {
                var payload = System.Text.Json.JsonSerializer.Deserialize<string>(context.Event.Payload.Span)!;
                if (test._fails && payload.StartsWith("bad", StringComparison.Ordinal))
                    throw new InvalidOperationException(payload);
                test._had.Enqueue(payload);
                return Task.CompletedTask;
            },
        ];
    }
}
