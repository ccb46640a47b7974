using Granary.Tests;
using JasperFx;
using JasperFx.Events;
using Marten;
using Weasel.Core;

namespace Granary.Benchmarks;

/// <summary>Marten: a session a command, and nothing read before it.</summary>
/// <param name="mode">How it appends.</param>
internal sealed class MartenCandidate(EventAppendMode mode) : IReplaying
{
    private readonly BenchSchema _schema = new();
    private DocumentStore? _store;

    private DocumentStore Store => _store ?? throw new InvalidOperationException("Marten was not started.");

    public async Task StartAsync(string folder)
    {
        await _schema.CreateAsync();
        _store = DocumentStore.For(options =>
        {
            options.Connection(PostgresServer.ConnectionString);
            options.DatabaseSchemaName = _schema.Name;
            options.Events.StreamIdentity = StreamIdentity.AsString;
            options.Events.AppendMode = mode;
            options.Events.AddEventType<Noted>();
            options.UseSystemTextJsonForSerialization(EnumStorage.AsInteger, Casing.CamelCase);
            options.AutoCreateSchemaObjects = AutoCreate.CreateOrUpdate;
        });
        await _store.Storage.ApplyAllConfiguredChangesToDatabaseAsync();
    }

    public Task<Outcome> RunAsync(Load load) => Callers.RunAsync(load, caller =>
    {
        var stream = StreamOf(load.FirstGrain + caller);
        return () => AppendAsync(stream, load.EventsEach);
    });

    public Task<long> CountAsync() => _schema.CountAsync("mt_events");

    /// <summary>A session holds nothing beyond its command.</summary>
    public Task UnloadAsync(int grain) => Task.CompletedTask;

    public async Task<long> ReplayAsync(int grain)
    {
        await using var session = Store.QuerySession();
        var state = new TallyState();
        foreach (var one in await session.Events.FetchStreamAsync(StreamOf(grain))) state.Apply((Noted)one.Data);
        return state.Events;
    }

    public async ValueTask DisposeAsync()
    {
        if (_store is not null) await _store.DisposeAsync();
        await _schema.DisposeAsync();
    }

    private static string StreamOf(int grain) => $"tally-{grain}";

    private async Task AppendAsync(string stream, int events)
    {
        await using var session = Store.LightweightSession();
        var appended = new object[events];
        for (var at = 0; at < events; at++) appended[at] = Noted.Of(1);
        session.Events.Append(stream, appended);
        await session.SaveChangesAsync();
    }
}
