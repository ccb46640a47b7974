namespace Granary.Benchmarks;

/// <summary>Who takes part.</summary>
internal static class Contestants
{
    public static IReadOnlyList<(string Name, string What, Func<IContestant> Make)> All { get; } =
    [
        ("granary", "Granary on SQLite", static () => new GranaryContestant()),
        ("plain", "plain grain calls that keep nothing", static () => new PlainContestant()),
        ("logstorage", "Orleans LogStorage over memory", static () => new LogStorageContestant()),
        ("statestorage", "Orleans StateStorage over memory", static () => new StateStorageContestant()),
        ("customstorage", "Orleans CustomStorage over an indexed SQLite table",
            static () => new CustomStorageContestant()),
        ("akka", "Akka.Persistence.Sql on SQLite", static () => new AkkaContestant()),
        ("sqlite", "a bare SQLite loop on our schema, one thread", static () => new SqliteLoopContestant()),
        ("file", "a bare loop of append and fsync, one thread", static () => new FileLoopContestant()),
    ];

    public static Counted Make(string name) =>
        new(name, All.First(one => one.Name == name).Make());
}

/// <summary>One way to keep events, under load.</summary>
internal interface IContestant : IAsyncDisposable
{
    /// <summary>Makes it ready, with its data in an empty folder.</summary>
    Task StartAsync(string folder);

    /// <summary>Runs a load; when it returns, everything that was sent is confirmed.</summary>
    Task<Outcome> RunAsync(Load load);

    /// <summary>How many events it holds, as read back from where it keeps them.</summary>
    Task<long> CountAsync();
}

/// <summary>A contestant that is held to its word: what it confirmed is what it must hold.</summary>
internal sealed class Counted(string name, IContestant contestant) : IAsyncDisposable
{
    private long _confirmed;

    public IContestant Inner => contestant;

    public async Task<Outcome> RunAsync(Load load)
    {
        var outcome = await contestant.RunAsync(load);
        _confirmed += outcome.Events;
        return outcome;
    }

    /// <exception cref="InvalidDataException">It holds more or less than it confirmed.</exception>
    public async Task CheckAsync()
    {
        var held = await contestant.CountAsync();
        if (held != _confirmed)
            throw new InvalidDataException(
                $"{name} confirmed {_confirmed} events and holds {held}: its figures count for nothing.");
    }

    public ValueTask DisposeAsync() => contestant.DisposeAsync();
}
