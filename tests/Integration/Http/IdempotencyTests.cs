using System.Net;
using System.Text.Json.Nodes;

namespace Granary.Tests.Integration;

[Collection(SharedSilo.Name)]
public sealed class IdempotencyTests(SiloFixture fixture)
{
    private readonly string _key = Events.NewKey();

    private Api Api => fixture.Api;

    private string Path => Api.Stream("retries", _key);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_many_requests_at_once_under_one_key_one_lands_and_all_have_its_answer(bool conditional)
    {
        (string, string)[] headers = conditional
            ? [("Idempotency-Key", "at-once"), ("If-None-Match", "*")]
            : [("Idempotency-Key", "at-once")];
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(_ => Api.PostAsync(Path, Events.Numbered(3), headers)));

        Assert.Single(answers, one => one.Status == HttpStatusCode.Created);
        Assert.Equal(19, answers.Count(one => one.Status == HttpStatusCode.OK));
        Assert.Single(answers.Select(WithoutOutcome).Distinct());
        Assert.Equal(3, (await Api.PagesAsync(Path + "/events")).Count);
    }

    [Fact]
    public async Task A_retry_whose_condition_no_longer_holds_has_its_first_answer_nevertheless()
    {
        (await Api.PostAsync(Path, Events.Numbered(2))).Is(HttpStatusCode.Created);
        (string, string)[] headers = [("Idempotency-Key", "later"), ("If-Match", "\"2\"")];
        var first = (await Api.PostAsync(Path, Events.Numbered(2, from: 3), headers)).Is(HttpStatusCode.Created);
        (await Api.PostAsync(Path, Events.Numbered(5, from: 5))).Is(HttpStatusCode.Created);

        var again = (await Api.PostAsync(Path, Events.Numbered(2, from: 3), headers)).Is(HttpStatusCode.OK);
        Assert.Equal("AlreadyAppended", again.Json["outcome"]!.GetValue<string>());
        Assert.Equal(WithoutOutcome(first), WithoutOutcome(again));
        Assert.Equal(first.ETag, again.ETag);
        Assert.Equal(9, (await Api.PagesAsync(Path + "/events")).Count);
    }

    [Fact]
    public async Task Empty_metadata_and_none_are_the_same_event_to_a_retry()
    {
        (string, string)[] headers = [("Idempotency-Key", "metadata")];
        var (with, without) = (new JsonObject { ["type"] = "a", ["metadata"] = new JsonObject() },
            new JsonObject { ["type"] = "a" });

        (await Api.PostAsync(Path, with, headers)).Is(HttpStatusCode.Created);
        (await Api.PostAsync(Path, without, headers)).Is(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_412_stores_nothing_and_is_not_kept_as_an_answer()
    {
        (await Api.PostAsync(Path, Events.Numbered(1))).Is(HttpStatusCode.Created);
        (await Api.PostAsync(Path, Events.Numbered(1), ("Idempotency-Key", "refused"), ("If-Match", "\"7\"")))
            .IsProblem(HttpStatusCode.PreconditionFailed);
        var head = (await Api.GetAsync(Path)).Is(HttpStatusCode.OK);
        Assert.Equal(1, head.Json["version"]!.GetValue<long>());

        // The key is free still, for another body too.
        (await Api.PostAsync(Path, Events.Numbered(2), ("Idempotency-Key", "refused"), ("If-Match", "\"1\"")))
            .Is(HttpStatusCode.Created);
        Assert.Equal(3, (await Api.PagesAsync(Path + "/events")).Count);
    }

    [Fact]
    public async Task An_append_that_is_too_large_only_together_with_its_key_is_413_and_can_be_sent_smaller()
    {
        // Four events that fill 4 MiB but for less than what Granary adds under a key.
        var text = new string('x', (4 * 1024 * 1024 - 40) / 4 - 2);
        JsonArray Full() => new([.. Enumerable.Range(0, 4).Select(_ => (JsonNode)Events.One("full", text))]);

        (await Api.PostAsync(Path, Full(), ("Idempotency-Key", "full")))
            .IsProblem(HttpStatusCode.RequestEntityTooLarge);
        (await Api.GetAsync(Path)).Is(HttpStatusCode.NotFound);
        (await Api.PostAsync(Path, Events.Numbered(1), ("Idempotency-Key", "full"))).Is(HttpStatusCode.Created);
    }

    private static string WithoutOutcome(Answer answer)
    {
        var body = answer.Json.AsObject();
        body.Remove("outcome");
        return body.ToJsonString();
    }
}
