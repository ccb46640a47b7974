using Granary.Tests.Unit.Hosting;

namespace Granary.Tests.Unit.Adoption;

/// <summary>Logs and states that Orleans' own providers have written, by a silo without Granary.</summary>
public sealed class OldLogs : IAsyncLifetime
{
    /// <summary>How many events the long log has.</summary>
    public const int LongCount = 25;

    private readonly OldStorage _logs = new();
    private readonly OldStorage _states = new();

    /// <summary>The logs of LogStorage, for one test.</summary>
    internal OldStorage Logs => _logs.Copy();

    /// <summary>The states of StateStorage, for one test.</summary>
    internal OldStorage States => _states.Copy();

    /// <summary>The records of the log "growing", with 1, 2, 3 events and so on.</summary>
    internal List<byte[]> Growing { get; } = [];

    public static string[] LongTexts { get; } = [.. Enumerable.Range(1, LongCount).Select(static at => $"page {at}")];

    /// <summary>Five events that are larger than one append may be.</summary>
    public static string[] HeavyTexts { get; } =
        [.. Enumerable.Range(1, 5).Select(static at => new string((char)('a' + at), GranaryLimits.BatchSizeMax / 5))];

    public async ValueTask InitializeAsync()
    {
        await WriteAsync(_logs, static silo => silo.AddLogStorageBasedLogConsistencyProviderAsDefault(), Growing);
        await WriteAsync(_states, static silo => silo.AddStateStorageBasedLogConsistencyProviderAsDefault(), []);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static async Task WriteAsync(OldStorage storage, Action<ISiloBuilder> addProvider, List<byte[]> growing)
    {
        await using var cluster = await TestSilo.StartAsync(silo =>
        {
            storage.AddTo(silo);
            addProvider(silo);
        });
        IPagesGrain Grain(string key) => cluster.Client.GetGrain<IPagesGrain>(key);
        await Grain("short").Add("one");
        await Grain("short").Add("two", "three");
        await Grain("long").Add(LongTexts);
        await Grain("unapplicable").Add("one", "two");
        await Grain("unapplicable").Add(PagesState.Unapplicable, "four");
        await Grain("hidden").Add("one", "hidden");
        await Grain("too large").Add(new string('x', GranaryLimits.EventSizeMax));
        await Grain("heavy").Add(HeavyTexts);
        await Grain("cleared").Add("one", "two");
        await Grain("cleared").Clear();
        foreach (var text in LongTexts)
        {
            await Grain("growing").Add(text);
            growing.Add(storage["growing"]);
        }
    }
}
