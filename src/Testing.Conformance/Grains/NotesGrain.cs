using Orleans.EventSourcing;

namespace Granary.Testing.Conformance.Grains;

/// <summary>
/// A grain of plain objects: <c>object</c> as event type, a state without a copier, an explicit provider name.
/// </summary>
[Alias("test.INotesGrain")]
public interface INotesGrain : IGrainWithStringKey
{
    [Alias("Write")] Task Write(string text);

    [Alias("Strike")] Task Strike(int index);

    [Alias("Read")] Task<string[]> Read();

    [Alias("ReadTentative")] Task<string[]> WriteAndReadTentative(string text);

    [Alias("Leave")] Task Leave();
}

public sealed record NoteWritten(string Text);

public sealed record NoteStruck(int Index);

public sealed class NotesState
{
    private readonly List<string> _notes = [];

    public IReadOnlyList<string> Notes => _notes;

    public void Apply(NoteWritten written) => _notes.Add(written.Text);

    public void Apply(NoteStruck struck) => _notes.RemoveAt(struck.Index);
}

[GrainType("notes"), Orleans.Providers.LogConsistencyProvider(ProviderName = GranaryNames.LogConsistencyProvider)]
public sealed class NotesGrain : JournaledGrain<NotesState>, INotesGrain
{
    public Task Write(string text)
    {
        RaiseEvent(new NoteWritten(text));
        return ConfirmEvents();
    }

    public Task Strike(int index)
    {
        RaiseEvent(new NoteStruck(index));
        return ConfirmEvents();
    }

    public Task<string[]> Read() => Task.FromResult(State.Notes.ToArray());

    public async Task<string[]> WriteAndReadTentative(string text)
    {
        RaiseEvent(new NoteWritten(text));
        var (tentative, confirmed) = (TentativeState.Notes.ToArray(), State.Notes.Count);
        await ConfirmEvents();
        return tentative.Length == confirmed + 1 ? tentative : throw new InvalidOperationException("The views mingle.");
    }

    public Task Leave()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}
