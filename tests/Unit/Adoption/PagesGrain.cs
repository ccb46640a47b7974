using Granary.Runtime;
using Orleans.Concurrency;
using Orleans.EventSourcing;
using Orleans.Providers;

namespace Granary.Tests.Unit.Adoption;

/// <summary>
/// A journaled grain as it was written for any provider; of one class on each of them. Its types are public, because
/// Orleans calls <c>Apply</c> dynamically.
/// </summary>
[Alias("unit.IPagesGrain")]
public interface IPagesGrain : IGrainWithStringKey
{
    /// <summary>Adds pages, one event each, and returns the version.</summary>
    [Alias("Add")] Task<int> Add(params string[] texts);

    [Alias("Read")] Task<string[]> Read();

    [Alias("Clear")] Task Clear();
}

public interface IPageEvent;

[GenerateSerializer, Alias("unit.page-added")]
public sealed record PageAdded([property: Id(0)] string Text) : IPageEvent;

/// <summary>
/// An event that LogStorage writes, and Granary does not: a generic type is found only where its name is given.
/// </summary>
[Alias("unit.page-hidden`1")]
public sealed record PageHidden<TText>(TText Text) : IPageEvent;

/// <summary>All that was said before, as one event.</summary>
[GenerateSerializer, Alias("unit.pages-taken-over")]
public sealed record PagesTakenOver([property: Id(0)] List<string> Texts) : IPageEvent;

[GenerateSerializer, Alias("unit.PagesState")]
public sealed class PagesState
{
    /// <summary>What the state refuses to apply.</summary>
    public const string Unapplicable = "unapplicable";

    [Id(0)] public List<string> Texts { get; set; } = [];

    public void Apply(PageAdded added)
    {
        if (added.Text == Unapplicable) throw new FormatException("This text is not accepted.");
        Texts.Add(added.Text);
    }

    public void Apply(PageHidden<string> hidden) => Texts.Add(hidden.Text);

    public void Apply(PagesTakenOver all) => Texts.AddRange(all.Texts);
}

[Reentrant, GrainType("pages"), StorageProvider(ProviderName = OldStorage.Name)]
internal sealed class PagesGrain : JournaledGrain<PagesState, IPageEvent>, IPagesGrain
{
    public async Task<int> Add(params string[] texts)
    {
        foreach (var text in texts)
            RaiseEvent<IPageEvent>(text == "hidden" ? new PageHidden<string>(text) : new PageAdded(text));
        await ConfirmEvents();
        return Version;
    }

    public Task<string[]> Read() => Task.FromResult(State.Texts.ToArray());

    public Task Clear() => ClearLogAsync(CancellationToken.None);
}

/// <summary>A grain that answers commands now, and whose events are those of <see cref="PagesGrain"/>.</summary>
[Alias("unit.INotebookGrain")]
public interface INotebookGrain : IGrainWithStringKey
{
    /// <summary>Adds a page by a command and returns how many there are.</summary>
    [Alias("Add")] Task<int> Add(string commandId, string text);
}

[GrainType("notebook")]
internal sealed class NotebookGrain : AggregateGrain<PagesState, IPageEvent>, INotebookGrain
{
    public Task<int> Add(string commandId, string text) => ExecuteAsync(Command.Of(commandId, text), () =>
    {
        RaiseEvent(new PageAdded(text));
        return TentativeState.Texts.Count;
    });
}
