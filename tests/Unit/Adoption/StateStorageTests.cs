using System.Text;
using static Granary.Tests.Unit.Adoption.NewSystem;

namespace Granary.Tests.Unit.Adoption;

/// <summary>A grain that was on Orleans' StateStorage begins with the event that the application makes of it.</summary>
public sealed class StateStorageTests(OldLogs logs) : IClassFixture<OldLogs>
{
    private readonly OldStorage _old = logs.States;

    [Fact]
    public async Task The_state_is_one_first_event()
    {
        var system = new NewSystem(_old);
        await using (var cluster = await system.StartAsync(Adopt))
        {
            Assert.Equal(["one", "two", "three"], await Pages(cluster, "short").Read());
            Assert.Equal(2, await Pages(cluster, "short").Add("four"));
        }

        await using var next = await system.StartAsync(Adopt);
        Assert.Equal(["one", "two", "three", "four"], await Pages(next, "short").Read());
        var events = await system.ReadAsync("short");
        Assert.Equal(["unit.pages-taken-over", "unit.page-added"], events.Select(static one => one.Type));
        Assert.Equal("1/1", events[0].Metadata.Find("granary.adopted"));
        Assert.Equal((2, 0), (_old.Reads, _old.Writes));
    }

    [Theory]
    [InlineData("new")]
    [InlineData("cleared")]
    public async Task A_grain_without_a_state_starts_empty(string key)
    {
        var system = new NewSystem(_old);
        await using var cluster = await system.StartAsync(static granary => granary.AdoptStateStorage(
            OldStorage.Name, static PagesTakenOver (PagesState _) => throw new InvalidOperationException("No state.")));

        Assert.Empty(await Pages(cluster, key).Read());
    }

    [Fact]
    public async Task A_function_that_fails_or_makes_no_event_of_the_grain_fails_the_activation()
    {
        var system = new NewSystem(_old);
        var makes = new Func<PagesState, object>[]
        {
            static _ => null!, static _ => "no event", static _ => throw new FormatException("No idea."),
        };
        foreach (var make in makes)
        {
            await using var cluster = await system.StartAsync(
                granary => granary.AdoptStateStorage(OldStorage.Name, make), system.AnotherStore());
            await Assert.ThrowsAsync<AdoptionFailedException>(() => Pages(cluster, "short").Read());
        }

        Assert.Empty(await system.ReadAsync("short"));
    }

    [Fact]
    public async Task A_state_is_no_log_and_a_log_no_state()
    {
        var system = new NewSystem(_old);
        await using (var states = await system.StartAsync(
            static granary => granary.AdoptLogStorage(OldStorage.Name), system.AnotherStore()))
        {
            await Assert.ThrowsAsync<AdoptionFailedException>(() => Pages(states, "short").Read());
        }

        await using var events = await new NewSystem(logs.Logs).StartAsync(Adopt);
        await Assert.ThrowsAsync<AdoptionFailedException>(() => Pages(events, "short").Read());
    }

    [Theory]
    [InlineData("not JSON")]
    [InlineData("{}")]
    public async Task A_damaged_record_fails_the_activation_and_changes_nothing(string content)
    {
        _old["short"] = Encoding.UTF8.GetBytes(content);
        var system = new NewSystem(_old);
        await using var cluster = await system.StartAsync(Adopt);

        await Assert.ThrowsAsync<AdoptionFailedException>(() => Pages(cluster, "short").Read());

        Assert.Equal(0, system.Store.Commits);
    }

    [Fact]
    public async Task A_state_that_changes_meanwhile_is_reported()
    {
        _old.OnRead = read =>
        {
            if (read == 2) _old["short"] = _old["long"];
            return Task.CompletedTask;
        };
        var system = new NewSystem(_old);
        await using var cluster = await system.StartAsync(Adopt);

        await Assert.ThrowsAsync<AdoptionFailedException>(() => Pages(cluster, "short").Read());
    }

    private static void Adopt(IGranaryBuilder granary) =>
        granary.AdoptStateStorage(OldStorage.Name, static (PagesState state) => new PagesTakenOver(state.Texts));
}
