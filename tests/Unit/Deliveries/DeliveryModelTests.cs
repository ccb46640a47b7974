using Granary.Runtime;
using Granary.Tests.Unit.Following;

namespace Granary.Tests.Unit.Deliveries;

/// <summary>
/// Random consumers, crashes of workers, lost answers, lapsed leases, parked and replayed streams: whatever happens, no
/// event is handed out after it was acknowledged, none while an earlier one of its stream is not, and in the end each
/// was acknowledged.
/// </summary>
public sealed class DeliveryModelTests
{
    private const int Streams = 5;
    private const int Events = 12;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(10)]
    public async Task Whatever_happens_each_event_is_handed_out_in_order_until_it_is_acknowledged(int seed)
    {
        var random = new Random(seed);
        await using var log = await DeliveredLog.StartAsync(streams: 0);
        var model = new Consumers(log, random);
        for (var i = 0; i < Streams * Events; i++)
        {
            await log.Log.AppendAsync($"s{i % Streams}", $"{i}");
            for (var steps = random.Next(6); steps > 0; steps--) await model.StepAsync();
        }

        await model.FinishAsync();
        Assert.All(model.Acknowledged, static one => Assert.Equal(Events, one));
        Assert.Empty(await log.ReadDeliveriesAsync());
        Assert.Empty(await log.Log.ReadParkedAsync());
    }

    private sealed class Consumers(DeliveredLog log, Random random)
    {
        private readonly List<Delivery> _held = [];
        private readonly int[] _acknowledged = new int[Streams];

        public IReadOnlyList<int> Acknowledged => _acknowledged;

        public async Task StepAsync()
        {
            switch (random.Next(12))
            {
                case < 4: await TakeAsync(); break;
                case < 8: await AckAsync(); break;
                case 8: await RefuseAsync(); break;
                case 9: log.Log.Time.Advance(DeliveredLog.Lease / random.Next(1, 4)); break;
                case 10: await ReplayAsync(); break;
                default:
                    if (random.Next(2) == 0) log.StartWorker();
                    else (log.Log.Models.FailBefore, log.Log.Models.FailAfter) = (random.Next(2), random.Next(7));
                    break;
            }
        }

        public async Task FinishAsync()
        {
            (log.Log.Models.FailBefore, log.Log.Models.FailAfter) = (0, 0);
            await FollowedLog.UntilAsync(async () =>
            {
                log.Log.Time.Advance(DeliveredLog.Lease);
                await ReplayAsync();
                await TakeAsync();
                while (_held.Count > 0) await AckAsync();
                return _acknowledged.Sum() == Streams * Events
                    && (await log.Log.ReadParkedAsync()).Count == 0
                    && log.Worker.Progress.Position.Value == Streams * Events;
            });
        }

        private async Task TakeAsync()
        {
            foreach (var one in await TryAsync(() => log.NextAsync(random.Next(1, 8))) ?? [])
            {
                var stream = StreamOf(one);
                Assert.True(
                    one.Event.Version.Value == _acknowledged[stream] + 1,
                    $"s{stream}:{one.Event.Version} was handed out after {_acknowledged[stream]}.");
                Assert.DoesNotContain(
                    _held, held => StreamOf(held) == stream && held.Until > log.Log.Time.GetUtcNow());
                _held.Add(one);
            }
        }

        private async Task AckAsync()
        {
            if (_held.Count == 0) return;
            var one = _held[random.Next(_held.Count)];
            _held.Remove(one);

            // A consumer whose answer is lost answers until it is known; one that has landed is over then.
            IReadOnlyList<string>? lapsed = null;
            var sent = 0;
            await FollowedLog.UntilAsync(async () =>
            {
                sent++;
                lapsed = await TryAsync(() => log.AckAsync(one));
                return lapsed is not null;
            });
            var stream = StreamOf(one);
            if (lapsed!.Count == 0) Assert.Equal(_acknowledged[stream] + 1, one.Event.Version.Value);
            var landed = lapsed.Count == 0 || (sent > 1 && await IsAcknowledgedAsync(one));
            if (landed) _acknowledged[stream] = (int)one.Event.Version.Value;
        }

        // Whether an acknowledgement whose answer was lost had landed.
        private async Task<bool> IsAcknowledgedAsync(Delivery one)
        {
            var position = one.Event.Position.Position;
            var parked = await log.Log.ReadParkedRowsAsync();
            if (parked.FirstOrDefault(of => of.Stream == one.Event.Stream) is { } row)
                return row.First.Position > position;
            var stored = (await log.ReadDeliveriesAsync()).Select(DeliveryEntry.Parse)
                .FirstOrDefault(of => of.Position == position.Value && of.Replayed is null);
            return stored?.State == DeliveryState.Done || (stored is null && log.Worker.Progress.Position >= position);
        }

        private async Task RefuseAsync()
        {
            if (_held.Count == 0) return;
            var one = _held[random.Next(_held.Count)];
            _held.Remove(one);
            await TryAsync(() => log.NackAsync(
                new LeaseRefusal { Delay = TimeSpan.FromSeconds(random.Next(20)), Park = random.Next(4) == 0 }, one));
        }

        private async Task ReplayAsync()
        {
            foreach (var one in await log.Log.ReadParkedAsync())
                await log.TryRequestAsync(one.Stream.Key, ParkedRequest.Retry);
        }

        private static int StreamOf(Delivery one) => int.Parse(one.Event.Stream.Key[1..]);

        private static async Task<T?> TryAsync<T>(Func<Task<T>> call)
            where T : class
        {
            try
            {
                return await call();
            }
            catch (GranaryException)
            {
                return null;
            }
        }
    }
}
