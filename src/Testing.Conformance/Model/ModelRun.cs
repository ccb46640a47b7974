using System.Globalization;
using System.Text;

namespace Granary.Testing.Conformance.Model;

/// <summary>Plays a history on a store and on the model, and compares their results.</summary>
internal sealed class ModelRun(TestStore data)
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly Model _model = new(data.Partitions);
    private readonly OpenStore[] _instances = new OpenStore[2];
    private readonly StreamName[][] _streams = Enumerable.Range(0, data.Partitions)
        .Select(at => StreamsIn(new(at), data.Partitions)).ToArray();
    private readonly List<Append>[] _sent =
        Enumerable.Range(0, data.Partitions).Select(static _ => new List<Append>()).ToArray();
    private int _ids;
    private int _steps;
    private DateTimeOffset _now = Noon;

    public async Task PlayAsync(IEnumerable<Step> history)
    {
        for (var at = 0; at < _instances.Length; at++) _instances[at] = await data.OpenAsync();
        foreach (var step in history)
        {
            // Not every step takes time, and a clock may go back.
            _now = _now.AddMinutes(step.Attempts.Length - 2);
            await PlayAsync(step);

            // What is removed is scrubbed sooner or later, a little of it, by either; nobody notices.
            if (++_steps % 2 == 0)
                await _instances[_steps / 2 % 2].Events.ScrubAsync(1 + _steps % 3, CancellationToken.None);
        }

        foreach (var instance in _instances) await CompareAllAsync(instance);
    }

    private async Task PlayAsync(Step step)
    {
        switch (step.Kind)
        {
            case StepKind.Commit:
                await CommitAsync(step);
                break;
            case StepKind.CommitCancelled:
                await CommitCancelledAsync(step);
                break;
            case StepKind.Snapshot:
                await WriteSnapshotAsync(step);
                break;
            case StepKind.Truncate:
                await TruncateAsync(step);
                break;
            case StepKind.Crash:
                _instances[step.Instance] = await data.OpenAsync();
                break;
            default:
                _instances[0] = await data.ReopenAsync();
                _instances[1] = await data.OpenAsync();
                break;
        }
    }

    private async Task CommitAsync(Step step)
    {
        var appends = step.Attempts.Select(attempt => AppendOf(step.Partition, attempt)).ToArray();
        var batch = new AppendBatch(new(step.Partition), _now, appends);
        await _instances[step.Instance].Events.CommitAsync(batch, CancellationToken.None);

        Assert.Equal(appends.Select(append => _model.Commit(append, _now)), batch.Results);

        // The other instance reads it at once.
        var other = _instances[1 - step.Instance];
        foreach (var stream in appends.Select(static append => append.Stream).Distinct())
            await CompareStreamAsync(other, stream, after: step.Attempts[0].Events);
    }

    private async Task CommitCancelledAsync(Step step)
    {
        var appends = step.Attempts.Select(attempt => AppendOf(step.Partition, attempt)).ToArray();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await _instances[step.Instance].Events
            .CommitAsync(new AppendBatch(new(step.Partition), _now, appends), cancelled.Token));
    }

    private async Task WriteSnapshotAsync(Step step)
    {
        var (stream, version) = (_streams[step.Partition][step.Attempts[0].Stream], step.Attempts[0].Events);
        var state = $"state {++_ids}";

        // Of what the stream holds now, or as one that was taken early in the log and is written late.
        var position = step.Attempts[0].Expecting == Expecting.Any
            ? new LogPosition(new(step.Partition), new(1))
            : _model.End(stream);
        await _instances[step.Instance].Snapshots.WriteSnapshotAsync(
            SnapshotOf(stream, version, position, state), CancellationToken.None);
        _model.WriteSnapshot(stream, version, position, state);
    }

    private async Task TruncateAsync(Step step)
    {
        var (stream, before) = (_streams[step.Partition][step.Attempts[0].Stream], step.Attempts[0].Events + 1);
        var events = _model.Walk(stream).Events;
        var position = events.ElementAtOrDefault(before - 1)?.Position ?? _model.End(stream);
        if (step.Attempts[0].Expecting == Expecting.RightWithWrongPosition)
            position = position with { Position = position.Position.Plus(1) };
        var snapshot = step.Attempts.Length % 2 == 0
            ? SnapshotOf(stream, before, position, $"state {++_ids}")
            : null;
        var truncation = new Truncation(stream, new(before), position, snapshot);

        Assert.Equal(
            _model.Truncate(truncation),
            await _instances[step.Instance].Events.TruncateAsync(truncation, CancellationToken.None));
        await CompareStreamAsync(_instances[1 - step.Instance], stream, after: before - 1);
    }

    private Snapshot SnapshotOf(StreamName stream, long version, LogPosition position, string state) => new()
    {
        Stream = stream,
        Version = new(version),
        Position = position,
        Timestamp = _now,
        Fingerprint = "f",
        Checksum = 0,
        Payload = Encoding.UTF8.GetBytes(state),
    };

    private Append AppendOf(int partition, Attempt attempt)
    {
        var sent = _sent[partition];
        if (attempt.Retry is { } back && back < sent.Count) return sent[^(back + 1)];

        var stream = _streams[partition][attempt.Stream];
        var (version, end) = (_model.Walk(stream).Events.Count, _model.End(stream).Position);
        var expected = attempt.Expecting switch
        {
            Expecting.Any => ExpectedVersion.Any,
            Expecting.NoStream => ExpectedVersion.NoStream,
            Expecting.StreamExists => ExpectedVersion.StreamExists,
            Expecting.Right => ExpectedVersion.Exactly(new(version)),
            Expecting.RightWithPosition => ExpectedVersion.Exactly(new(version), end),
            Expecting.TooLow => ExpectedVersion.Exactly(new(Math.Max(0, version - 1))),
            Expecting.TooHigh => ExpectedVersion.Exactly(new(version + 1)),
            _ => ExpectedVersion.Exactly(new(version), end.Plus(1)),
        };
        var id = new AppendId(NextId());
        var events = Enumerable.Range(0, attempt.Events)
            .Select(_ => new NewEvent(NextId(), "order.changed", Encoding.UTF8.GetBytes($"text {_ids}"))).ToArray();
        sent.Add(events.Length == 0 ? Append.Clear(stream, expected, id) : new Append(stream, expected, id, events));
        return sent[^1];
    }

    private async Task CompareAllAsync(OpenStore instance)
    {
        foreach (var stream in _streams.SelectMany(static streams => streams))
        {
            for (var after = 0; after < 4; after++) await CompareStreamAsync(instance, stream, after);
            for (var atMost = 0; atMost < 6; atMost++)
            {
                var found = await instance.Snapshots
                    .ReadSnapshotAsync(stream, new(atMost), null, CancellationToken.None);
                var state = found is null ? null : Model.TextOf(found.Payload);
                Assert.Equal((stream, atMost, _model.ReadSnapshot(stream, atMost)), (stream, atMost, state));
            }
        }

        for (var at = 0; at < data.Partitions; at++)
        {
            for (var after = 0; after < 4; after++)
            {
                var log = instance.Events.ReadLogAsync(new(new(at), new(after)), CancellationToken.None);
                Assert.Equal(
                    _model.Logs[at].Skip(after).Select(one => Shown(one, _model.IsGone(one))),
                    (await Stores.Reading.AllAsync(log)).Select(Shown));
            }
        }
    }

    private async Task CompareStreamAsync(OpenStore instance, StreamName stream, int after)
    {
        var (events, _) = _model.Walk(stream);
        var first = _model.First(stream);
        Assert.Equal(
            new StreamHead(
                stream, new(events.Count), _model.End(stream),
                events.FirstOrDefault()?.Timestamp, events.LastOrDefault()?.Timestamp, new(first)),
            await instance.Events.ReadHeadAsync(stream, CancellationToken.None));
        if (after + 1 < first)
        {
            await Assert.ThrowsAsync<StreamTruncatedException>(() => Stores.Reading.AllAsync(
                instance.Events.ReadStreamAsync(stream, new(after), CancellationToken.None)));
            after = (int)first - 1;
        }

        var read = instance.Events.ReadStreamAsync(stream, new(after), CancellationToken.None);
        Assert.Equal(
            events.Skip(after).Select(static one => Shown(one, gone: false)),
            (await Stores.Reading.AllAsync(read)).Select(Shown));
    }

    private Guid NextId() => new(++_ids, 0, 0x7000, 0x80, 0, 0, 0, 0, 0, 0, 1);

    private static StreamName[] StreamsIn(LogPartition partition, int partitions) =>
        Enumerable.Range(0, int.MaxValue)
            .Select(static at => new StreamName("order", at.ToString(CultureInfo.InvariantCulture)))
            .Where(stream => LogPartition.Of(stream, partitions) == partition).Take(History.Streams).ToArray();

    private static string Shown(ModelEvent one, bool gone)
    {
        var type = one.Clears ? EventTypes.StreamCleared : gone ? EventTypes.Tombstone : "order.changed";
        return Shown(one.Position, one.Stream, one.Version, one.AppendId, type, one.Timestamp, gone ? "" : one.Text);
    }

    private static string Shown(RecordedEvent one) => Shown(
        one.Position, one.Stream, one.Version.Value, one.AppendId, one.Type, one.Timestamp, Model.TextOf(one.Payload));

    private static string Shown(params object[] parts) => string.Join(' ', parts);
}
