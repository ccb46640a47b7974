using System.Text;

namespace Granary.Tests.Conformance.Azure.Faults;

/// <summary>
/// Appends at random to streams that others append to too, one commit after the other. A commit that gets no
/// answer is made again, with the same ids, until it gets one.
/// </summary>
/// <param name="name">Its name, which its events have.</param>
/// <param name="seed">What decides what it appends.</param>
/// <param name="partitions">Its streams, by partition; it likes the first ones best.</param>
/// <param name="commitAsync">Commits appends to one partition together.</param>
internal sealed class Writer(
    string name, int seed, IReadOnlyList<StreamName[]> partitions, Func<Append[], Task<AppendResult[]>> commitAsync)
{
    // Of a hundred.
    private const int ElsewhereShare = 15, AnyShare = 50, NoStreamShare = 5;
    private const int AppendsMax = 3, EventsMax = 3, LargeShareOfThousand = 2, LargeSize = 300_000;

    private readonly Random _random = new(seed);
    private readonly Dictionary<StreamName, ExpectedVersion> _known = [];
    private int _events;

    /// <summary>How its appends were answered, in order.</summary>
    public List<Said> Told { get; } = [];

    /// <summary>How often it had to make a commit again.</summary>
    public int Again { get; private set; }

    public async Task RunAsync(int commits)
    {
        for (var at = 0; at < commits; at++)
        {
            var streams = partitions[_random.Next(100) < ElsewhereShare ? _random.Next(partitions.Count) : 0];
            Append[] appends = [.. Enumerable.Range(0, _random.Next(1, AppendsMax + 1)).Select(_ => Next(streams))];
            var answers = await CommitAsync(appends);
            foreach (var (append, answer) in appends.Zip(answers))
            {
                Told.Add(new Said(name, append, answer));
                _known[append.Stream] = answer.Version == StreamVersion.Zero
                    ? ExpectedVersion.NoStream
                    : ExpectedVersion.Exactly(answer.Version, answer.Position.Position);
            }
        }
    }

    private async Task<AppendResult[]> CommitAsync(Append[] appends)
    {
        while (true)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            try
            {
                return await commitAsync(appends);
            }
            catch (StoreUnavailableException)
            {
                Again++;
            }
        }
    }

    private Append Next(StreamName[] streams)
    {
        var stream = streams[_random.Next(streams.Length)];
        var expected = _random.Next(100) switch
        {
            < NoStreamShare => ExpectedVersion.NoStream,
            < NoStreamShare + AnyShare => ExpectedVersion.Any,
            _ => _known.GetValueOrDefault(stream, ExpectedVersion.NoStream),
        };
        var events = new NewEvent[_random.Next(1, EventsMax + 1)];
        for (var at = 0; at < events.Length; at++)
        {
            var text = $"{name} {++_events}";
            if (_random.Next(1_000) < LargeShareOfThousand) text = text.PadRight(LargeSize, 'x');
            events[at] = new NewEvent(Uuid7.New(TimeProvider.System), "order.changed", Encoding.UTF8.GetBytes(text));
        }

        return new Append(stream, expected, AppendId.New(TimeProvider.System), events);
    }
}
