using System.Globalization;

namespace Granary.Benchmarks;

/// <summary>A way to lay out a log in tables, with one partition, in a schema of its own.</summary>
internal abstract class Layout(LayoutData data) : IAsyncDisposable
{
    public const int AppendsPerCommit = 500;

    /// <summary>How many events a page of the log has.</summary>
    protected const int PageEvents = 512;

    private RandomAppends? _appends;

    /// <summary>What it is.</summary>
    public abstract string Name { get; }

    public BenchSchema Schema { get; } = new();

    /// <summary>How many streams there are beside the long ones.</summary>
    public int Streams => data.Streams;

    /// <summary>How many events it holds.</summary>
    public long Events { get; private set; }

    protected LayoutData Data => data;

    /// <summary>Makes the tables, writes the first round, and so many further ones that there are as many as asked.
    /// </summary>
    public async Task FillAsync(int rounds)
    {
        await StartAsync();
        for (var round = 1; round < rounds; round++) await FillAsync(data.Select(round, await TypeAsync()));
        await CompleteAsync(rounds);
        await Server.RunAsync($"VACUUM ANALYZE {Schema.Name}.log");
        Events = (long)rounds * data.RoundEvents;
        _appends = new RandomAppends(data, rounds);
    }

    /// <summary>Makes so many commits, each of single events over random streams, and returns what runs them.</summary>
    /// <param name="commits">How many commits.</param>
    /// <param name="among">How many streams they are to.</param>
    public Func<Task> Prepare(int commits, int among)
    {
        var made = new Func<Task>[commits];
        for (var at = 0; at < commits; at++)
        {
            var appends = new OneAppend[AppendsPerCommit];
            for (var one = 0; one < AppendsPerCommit; one++) appends[one] = _appends!.Next(among);
            made[at] = Prepare(appends);
        }

        return async () =>
        {
            foreach (var commit in made) await commit();
            Events += (long)commits * AppendsPerCommit;
        };
    }

    /// <summary>Ends what the appends have left to be done.</summary>
    public virtual Task SettleAsync() => Task.CompletedTask;

    /// <summary>Reads a long stream; how many events it has.</summary>
    public abstract Task<long> ReadStreamAsync(int at);

    /// <summary>Reads the first events of the log by pages; how many there were.</summary>
    public abstract Task<long> ReadLogAsync(long events);

    public virtual async ValueTask DisposeAsync() => await Schema.DisposeAsync();

    /// <summary>Makes the tables, with the first round in them.</summary>
    protected abstract Task StartAsync();

    /// <summary>Writes a round: position, stream, version, prev, type and payload are selected.</summary>
    protected abstract Task FillAsync(string select);

    /// <summary>Completes what is derived of the log, when it has so many rounds.</summary>
    protected virtual Task CompleteAsync(int rounds) => Task.CompletedTask;

    /// <summary>Makes a commit; what is made is run later.</summary>
    protected abstract Func<Task> Prepare(OneAppend[] appends);

    private Task<int> TypeAsync() => Server.ReadAsync<int>(string.Create(
        CultureInfo.InvariantCulture, $"SELECT min(type) FROM {Schema.Name}.log"));
}
