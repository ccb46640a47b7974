using System.Text.Json;
using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Akka.Persistence.Sql;
using Akka.Serialization;

namespace Granary.Benchmarks;

/// <summary>Akka.Persistence.Sql on SQLite: one actor a grain, one <c>Persist</c> a command.</summary>
internal sealed class AkkaCandidate : ICandidate
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);

    private readonly Dictionary<int, IActorRef> _actors = [];
    private ActorSystem? _system;
    private string _path = "";
    private int _incarnation;

    public Task StartAsync(string folder)
    {
        _path = Path.Combine(folder, "journal.db");
        SqliteFile.Prepare(_path);
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
                  connection-string = "{{SqliteFile.ConnectionString(_path)}}"
                  provider-name = "SQLite.MS"
                  auto-initialize = true
                  parallelism = 3
                }
              }
            }
            """);
        _system = ActorSystem.Create("bench", settings.WithFallback(SqlPersistence.DefaultConfiguration));
        return Task.CompletedTask;
    }

    public Task<Outcome> RunAsync(Load load) => Callers.RunAsync(load, caller =>
    {
        var actor = ActorOf(load.FirstGrain + caller);
        return () => actor.Ask<long>(load.EventsEach, Timeout);
    });

    /// <summary>Stops an actor and waits for its end.</summary>
    public async Task DeactivateAsync(int grain)
    {
        if (_actors.Remove(grain, out var actor)) await actor.GracefulStop(Timeout);
    }

    /// <summary>How many events an actor holds; the call starts it again where it was stopped.</summary>
    public Task<long> CountOfAsync(int grain) => ActorOf(grain).Ask<long>("count", Timeout);

    public Task<long> CountAsync() => Task.FromResult(SqliteFile.Count(_path, "journal"));

    public async ValueTask DisposeAsync()
    {
        if (_system is null) return;
        await _system.Terminate();
        _system.Dispose();
    }

    private static string NameOf(Type type) => $"{type.FullName}, {type.Assembly.GetName().Name}";

    private IActorRef ActorOf(int grain)
    {
        if (_actors.TryGetValue(grain, out var known)) return known;
        var properties = Props.Create(() => new TallyActor($"tally-{grain}"));
        return _actors[grain] = _system!.ActorOf(properties, $"tally-{grain}-{++_incarnation}");
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
