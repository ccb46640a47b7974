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
