using Akka.Actor;
using Akka.Persistence;

namespace Granary.Benchmarks;

/// <summary>An actor for each of our grains: answers after what it was told is persisted.</summary>
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
