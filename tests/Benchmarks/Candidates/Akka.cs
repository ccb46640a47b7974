using System.Text.Json;
using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Akka.Persistence.Sql;
using Akka.Serialization;

namespace Granary.Benchmarks;

/// <summary>Akka.Persistence.Sql: one actor a grain, one <c>Persist</c> a command.</summary>
/// <param name="provider">The database, as its query builder calls it.</param>
internal abstract class AkkaCandidate(string provider) : IReplaying
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);

    private readonly Dictionary<int, IActorRef> _actors = [];
    private ActorSystem? _system;
    private int _incarnation;

    public async Task StartAsync(string folder)
    {
        var connectionString = await PrepareAsync(folder);
        var settings = ConfigurationFactory.ParseString($$"""
            akka {
              loglevel = WARNING
              stdout-loglevel = OFF
              actor {
                serializers.noted = "{{NameOf(typeof(NotedSerializer))}}"
                serialization-bindings {
                  "{{NameOf(typeof(Noted))}}" = noted
                }
              }
              persistence.journal {
                plugin = "akka.persistence.journal.sql"
                sql {
                  class = "Akka.Persistence.Sql.Journal.SqlWriteJournal, Akka.Persistence.Sql"
                  connection-string = "{{connectionString}}"
                  provider-name = "{{provider}}"
                  auto-initialize = true
                  parallelism = 3
                }
              }
            }
            """);
        _system = ActorSystem.Create("bench", settings.WithFallback(SqlPersistence.DefaultConfiguration));
    }

    public Task<Outcome> RunAsync(Load load) => Callers.RunAsync(load, caller =>
    {
        var actor = ActorOf(load.FirstGrain + caller);
        return () => actor.Ask<long>(load.EventsEach, Timeout);
    });

    /// <summary>Stops an actor and waits for its end.</summary>
    public async Task UnloadAsync(int grain)
    {
        if (_actors.Remove(grain, out var actor)) await actor.GracefulStop(Timeout);
    }

    /// <summary>How many events an actor holds; the call starts it again where it was stopped.</summary>
    public Task<long> ReplayAsync(int grain) => ActorOf(grain).Ask<long>("count", Timeout);

    public abstract Task<long> CountAsync();

    public virtual async ValueTask DisposeAsync()
    {
        if (_system is null) return;
        await _system.Terminate();
        _system.Dispose();
    }

    /// <summary>Makes the database ready; its connection string.</summary>
    protected abstract Task<string> PrepareAsync(string folder);

    private static string NameOf(Type type) => $"{type.FullName}, {type.Assembly.GetName().Name}";

    private IActorRef ActorOf(int grain)
    {
        if (_actors.TryGetValue(grain, out var known)) return known;
        var properties = Props.Create(() => new TallyActor($"tally-{grain}"));
        return _actors[grain] = _system!.ActorOf(properties, $"tally-{grain}-{++_incarnation}");
    }
}

/// <summary>On SQLite.</summary>
internal sealed class AkkaOnSqlite() : AkkaCandidate("SQLite.MS")
{
    private string _path = "";

    public override Task<long> CountAsync() => Task.FromResult(SqliteFile.Count(_path, "journal"));

    protected override Task<string> PrepareAsync(string folder)
    {
        _path = Path.Combine(folder, "journal.db");
        SqliteFile.Prepare(_path);
        return Task.FromResult(SqliteFile.ConnectionString(_path));
    }
}

/// <summary>On PostgreSQL.</summary>
internal sealed class AkkaOnPostgres() : AkkaCandidate("PostgreSQL.15")
{
    private readonly BenchSchema _schema = new();

    public override Task<long> CountAsync() => _schema.CountAsync("journal");

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _schema.DisposeAsync();
    }

    // Its tables are in the schema that is searched first.
    protected override async Task<string> PrepareAsync(string folder)
    {
        await _schema.CreateAsync();
        return _schema.ConnectionString;
    }
}

/// <summary>An actor for each of our grains: answers after its event is persisted.</summary>
internal sealed class TallyActor : ReceivePersistentActor
{
    private readonly TallyState _state = new();

    public TallyActor(string id)
    {
        PersistenceId = id;
        Recover<Noted>(_state.Apply);
        Command<int>(events =>
        {
            if (events == 1) Persist(Noted.Of(1), Confirm);
            else AddMany(events);
        });
        Command<string>(_ => Sender.Tell(_state.Events));
    }

    public override string PersistenceId { get; }

    private void AddMany(int events)
    {
        var left = events;
        PersistAll(Enumerable.Range(0, events).Select(static _ => Noted.Of(1)), noted =>
        {
            _state.Apply(noted);
            if (--left == 0) Sender.Tell(_state.Events);
        });
    }

    private void Confirm(Noted noted)
    {
        _state.Apply(noted);
        Sender.Tell(_state.Events);
    }
}

/// <summary>The same JSON that the others write, instead of Akka's slower default.</summary>
internal sealed class NotedSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    public override int Identifier => 7_210;

    public override string Manifest(object o) => Noted.TypeName;

    public override byte[] ToBinary(object obj) =>
        JsonSerializer.SerializeToUtf8Bytes((Noted)obj, JsonSerializerOptions.Web);

    public override object FromBinary(byte[] bytes, string manifest) =>
        JsonSerializer.Deserialize<Noted>(bytes, JsonSerializerOptions.Web)!;
}
