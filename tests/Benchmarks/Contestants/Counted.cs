namespace Granary.Benchmarks;

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
