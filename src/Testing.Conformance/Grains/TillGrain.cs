using Granary.Runtime;

namespace Granary.Testing.Conformance.Grains;

/// <summary>An aggregate with commands that may come twice.</summary>
[Alias("test.ITillGrain")]
public interface ITillGrain : IGrainWithStringKey
{
    [Alias("Put")] Task<TillAnswer> Put(string? commandId, int amount);

    [Alias("Take")] Task<TillAnswer> Take(string? commandId, int amount);

    [Alias("Content")] Task<TillAnswer> Content();

    [Alias("Clear")] Task Clear();

    [Alias("Leave")] Task Leave();
}

[GenerateSerializer, Alias("test.TillAnswer")]
public sealed record TillAnswer(
    [property: Id(0)] bool Accepted, [property: Id(1)] int Content, [property: Id(2)] int Version);

public abstract record TillEvent;

[GenerateSerializer, Alias("test.put")]
public sealed record Put([property: Id(0)] int Amount) : TillEvent;

[GenerateSerializer, Alias("test.taken")]
public sealed record Taken([property: Id(0)] int Amount) : TillEvent;

[GenerateSerializer, Alias("test.TillState")]
public sealed class TillState
{
    [Id(0)] public int Content { get; set; }

    public void Apply(Put put) => Content += put.Amount;

    public void Apply(Taken taken) => Content -= taken.Amount;
}

[GrainType("till")]
public sealed class TillGrain : AggregateGrain<TillState, TillEvent>, ITillGrain
{
    public Task<TillAnswer> Put(string? commandId, int amount) =>
        ExecuteAsync(Command.Of(commandId, BitConverter.GetBytes(amount)), () =>
        {
            RaiseEvent(new Put(amount));
            return new TillAnswer(true, TentativeState.Content, Version + 1);
        });

    public Task<TillAnswer> Take(string? commandId, int amount) =>
        ExecuteAsync(Command.Of(commandId, BitConverter.GetBytes(-amount)), () =>
        {
            if (State.Content < amount) return new TillAnswer(false, State.Content, Version);
            RaiseEvent(new Taken(amount));
            return new TillAnswer(true, TentativeState.Content, Version + 1);
        });

    public Task<TillAnswer> Content() => Task.FromResult(new TillAnswer(true, State.Content, Version));

    public Task Clear() => ClearLogAsync();

    public Task Leave()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}
