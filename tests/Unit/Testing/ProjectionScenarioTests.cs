using System.Text.Json.Nodes;
using Granary.Runtime;
using Granary.Testing;
using Granary.Tests.Unit.Projections;
using Microsoft.Extensions.DependencyInjection;

namespace Granary.Tests.Unit.Testing;

/// <summary>Given/When/Then for projections: what passes, and what is found.</summary>
public sealed class ProjectionScenarioTests
{
    [Fact]
    public void Models_are_folded_from_given_events_and_compared_by_what_they_hold() =>
        ProjectionScenario.For<Accounts>()
            .Given("account/a", new Opened("ada"), new Deposited(5))
            .Given("account/b", new Opened("bob"), new Closed())
            .Given("order/c", new Opened("of another category"))
            .Then("a", new Account { Owner = "ada", Balance = 5 })
            .ThenNone("b")
            .ThenKeys("a")
            .Given("account/a", new Withdrawn(2))
            .Then("a", new Account { Owner = "ada", Balance = 3 })
            .GivenCleared("account/a")
            .ThenKeys();

    [Fact]
    public void A_model_that_differs_is_missing_or_should_not_be_there_fails_and_is_shown()
    {
        var scenario = ProjectionScenario.For<Accounts>().Given("account/a", new Opened("ada"));
        var error = Assert.Throws<ScenarioFailedException>(
            () => scenario.Then("a", new Account { Owner = "eve" }));
        Assert.Contains("\"Owner\":\"eve\"", error.Message, StringComparison.Ordinal);
        Assert.Contains("\"Owner\":\"ada\"", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<ScenarioFailedException>(() => scenario.Then("b", new Account()));
        Assert.Contains("But was: none", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<ScenarioFailedException>(() => scenario.ThenNone("a"));
        Assert.Contains("\"Owner\":\"ada\"", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<ScenarioFailedException>(() => scenario.ThenKeys("a", "b"));
        Assert.Contains("But they were under: a", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_event_that_cannot_be_handled_throws_its_error_or_is_expected_to()
    {
        var scenario = ProjectionScenario.For<Accounts>()
            .Given("account/a", new Opened("ada"), new Withdrawn(1));
        Assert.Throws<InvalidOperationException>(() => scenario.ThenNone("a"));
        Assert.Contains(
            "overdrawn", scenario.ThenThrows<InvalidOperationException>().Message, StringComparison.Ordinal);
        Assert.Throws<ScenarioFailedException>(() => scenario.ThenThrows<ArgumentException>());
        Assert.Throws<ScenarioFailedException>(
            () => scenario.Given("account/a", new Deposited(1)).ThenThrows<InvalidOperationException>());
        Assert.Throws<ScenarioFailedException>(
            () => ProjectionScenario.For<Accounts>().ThenThrows<InvalidOperationException>());
    }

    [Fact]
    public void Old_events_go_through_upcasters_and_instants_are_those_that_are_set()
    {
        ProjectionScenario.For<Accounts>()
            .Configure(static granary => granary.Services.AddSingleton<IUpcaster>(new Upcaster(
                "old.opened",
                static old => [new UpcastEvent(
                    "projected.opened", 1, new JsonObject { ["owner"] = old.Payload["who"]!.DeepClone() })])))
            .GivenStored("account/a", "old.opened", """{"who":"ada"}""")
            .Then("a", new Account { Owner = "ada" });
        ProjectionScenario.For<Dated>()
            .At(new DateTimeOffset(2026, 2, 3, 0, 0, 0, TimeSpan.Zero))
            .Given("account/a", new Opened("ada"))
            .Then("2026-02-03", new Account { Owner = "account/a 1 0:1" });
    }

    [Fact]
    public void A_projection_that_remembers_what_is_not_in_its_models_is_found()
    {
        var scenario = ProjectionScenario.For<Remembering>()
            .Given("account/a", new Opened("ada"), new Deposited(1), new Deposited(1));
        var error = Assert.Throws<ScenarioFailedException>(() => scenario.ThenNone("x"));
        Assert.Contains("all at once", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_projection_no_stream_or_no_event_is_refused()
    {
        Assert.Throws<ArgumentException>(() => ProjectionScenario.For<Account>().ThenNone("a"));
        Assert.Throws<FormatException>(() => ProjectionScenario.For<Accounts>().Given("a", new Closed()));
        Assert.Throws<ArgumentException>(
            () => ProjectionScenario.For<Accounts>().Given("account/a", new Unstorable()).ThenNone("a"));
    }

    internal sealed record Unstorable : IAccountEvent
    {
        private readonly int _hidden = 3;

        public int Twice => _hidden * 2;

        public Func<int> Code { get; } = static () => 1;
    }

    [Projection("dated")]
    internal sealed class Dated : Projection<Account>
    {
        public Dated()
        {
            Categories("account");
            Key<Opened>(static (_, recorded) => $"{recorded.Timestamp:yyyy-MM-dd}");
        }

        private static Account Create(Opened _, RecordedEvent recorded) =>
            new() { Owner = $"{recorded.Stream} {recorded.Version} {recorded.Position}" };
    }

    [Projection("remembering")]
    internal sealed class Remembering : Projection<Account>
    {
        private int _count;

        public Remembering() => Categories("account");

        private void Apply(Account account, IAccountEvent _) => account.Balance = ++_count;
    }
}
