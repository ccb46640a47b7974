namespace Granary.Benchmarks;

/// <summary>How each measure is found.</summary>
internal static class Scenarios
{
    private const int Grains = 1_000;

    public static IReadOnlyList<IScenario> All { get; } =
    [
        new TurnsScenario(Measures.CommandsVsPlain, "plain", new Load(Grains)),
        new TurnsScenario(Measures.CommandsVsAkka, "akka", new Load(Grains)) { QuickCallers = 200 },
        new LogStorageScenario(),
        new TurnsScenario(
            Measures.BatchesVsSqlite, "sqlite", new Load(100) { EventsEach = 100 }, new Load(1) { EventsEach = 1_000 }),
        new TurnsScenario(Measures.SingleVsSqlite, "sqlite", new Load(1)),
        new ReplayScenario(),
        new LongStreamScenario(),
        new ActivationScenario(),
        new FullStoreScenario(),
        new BytesPerCommandScenario(),
        new HttpScenario(),
        new BytesPerActivationScenario(),
    ];
}
