using Orleans.EventSourcing;
using Orleans.Providers;

namespace Granary.Tests.Integration;

/// <summary>A journaled grain as an application has it, on Orleans' own provider or on Granary.</summary>
[Alias("INotesGrain")]
public interface INotesGrain : IGrainWithIntegerKey
{
    /// <summary>Adds notes, one event each, and returns the version.</summary>
    [Alias("Add")]
    Task<int> Add(params string[] texts);

    [Alias("Read")]
    Task<IReadOnlyList<string>> Read();

    [Alias("Clear")]
    Task Clear();
}

[GenerateSerializer, Alias("note-added")]
public sealed record NoteAdded([property: Id(0)] string Text);

[GenerateSerializer, Alias("NotesState")]
public sealed class NotesState
{
    [Id(0)]
    public List<string> Texts { get; set; } = [];

    public void Apply(NoteAdded added) => Texts.Add(added.Text);
}

[GrainType("notes"), StorageProvider(ProviderName = OldStorageName)]
public sealed class NotesGrain : JournaledGrain<NotesState, NoteAdded>, INotesGrain
{
    /// <summary>The grain storage of Orleans' own provider.</summary>
    public const string OldStorageName = "old";

    public async Task<int> Add(params string[] texts)
    {
        RaiseEvents(texts.Select(static text => new NoteAdded(text)));
        await ConfirmEvents();
        return Version;
    }

    public Task<IReadOnlyList<string>> Read() => Task.FromResult<IReadOnlyList<string>>(State.Texts);

    public Task Clear() => ClearLogAsync(CancellationToken.None);
}
