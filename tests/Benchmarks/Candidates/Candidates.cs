namespace Granary.Benchmarks;

/// <summary>What is compared.</summary>
internal static class Candidates
{
    public static IReadOnlyList<(string Name, string What, Func<ICandidate> Make)> All { get; } =
    [
        ("granary", "Granary on SQLite", static () => new GranaryCandidate()),
        ("plain", "plain grain calls that store nothing", static () => new PlainCandidate()),
        ("logstorage", "Orleans LogStorage over memory", static () => new LogStorageCandidate()),
        ("statestorage", "Orleans StateStorage over memory", static () => new StateStorageCandidate()),
        ("customstorage", "Orleans CustomStorage over an indexed SQLite table",
            static () => new CustomStorageCandidate()),
        ("akka", "Akka.Persistence.Sql on SQLite", static () => new AkkaCandidate()),
        ("sqlite", "a bare SQLite loop on our schema, one thread", static () => new SqliteLoopCandidate()),
        ("file", "a bare loop of append and fsync, one thread", static () => new FileLoopCandidate()),
    ];

    public static Counted Make(string name) =>
        new(name, All.First(one => one.Name == name).Make());
}

/// <summary>One way to store events, under load.</summary>
internal interface ICandidate : IAsyncDisposable
{
    /// <summary>Makes it ready, with its data in an empty folder.</summary>
    Task StartAsync(string folder);

    /// <summary>Runs a load; when it returns, everything that was sent is confirmed.</summary>
    Task<Outcome> RunAsync(Load load);

    /// <summary>How many events it holds, as read back from where it stores them.</summary>
    Task<long> CountAsync();
}

/// <summary>A candidate whose answers are checked: it must hold exactly the events that it confirmed.</summary>
internal sealed class Counted(string name, ICandidate candidate) : IAsyncDisposable
{
    private long _confirmed;

    public ICandidate Inner => candidate;

    public async Task<Outcome> RunAsync(Load load)
    {
        var outcome = await candidate.RunAsync(load);
        _confirmed += outcome.Events;
        return outcome;
    }

    /// <exception cref="InvalidDataException">It holds more or less than it confirmed.</exception>
    public async Task CheckAsync()
    {
        var held = await candidate.CountAsync();
        if (held != _confirmed)
            throw new InvalidDataException(
                $"{name} confirmed {_confirmed} events and holds {held}: its figures are not valid.");
    }

    public ValueTask DisposeAsync() => candidate.DisposeAsync();
}
