using System.Net;

namespace Granary.Tests.Integration;

/// <summary>A retry finds its first answer at another silo and after a crash.</summary>
public sealed class RetryElsewhereTests : IDisposable
{
    private const string Stream = "/api/streams/retries/1";
    private const string Account = "/api/accounts/1";

    private static readonly (string, string)[] Keyed = [("Idempotency-Key", "k"), ("If-Match", "\"1\"")];

    private readonly TempFolder _data = new();

    [Fact]
    public async Task A_retry_has_its_first_answer_from_a_silo_that_lags_and_after_a_crash()
    {
        Answer first, refused;
        await using (var one = await SiloProcess.StartAsync(_data.Path))
        await using (var other = await SiloProcess.StartAsync(_data.Path))
        {
            // Both have read the stream to version 1; what the first then appends, the other has not read.
            (await one.Api.PostAsync(Stream, Events.Numbered(1))).Is(HttpStatusCode.Created);
            (await other.Api.GetAsync(Stream + "/state")).Is(HttpStatusCode.OK);
            first = (await one.Api.PostAsync(Stream, Events.Numbered(2), Keyed)).Is(HttpStatusCode.Created);
            await AssertRepeatedAsync(other.Api, first);

            await OpenAsync(one.Api);
            (await other.Api.GetAsync(Account)).Is(HttpStatusCode.OK);
            refused = await WithdrawAsync(one.Api);
            refused.IsProblem(HttpStatusCode.Conflict);
            (await other.Api.PostAsync(Account + "/deposits", """{"amount":9,"currency":"EUR"}"""))
                .Is(HttpStatusCode.OK);
            AssertSameRefusal(refused, await WithdrawAsync(other.Api));
            await one.KillAsync();
            await other.KillAsync();
        }

        await using var again = await SiloProcess.StartAsync(_data.Path);
        await AssertRepeatedAsync(again.Api, first);
        AssertSameRefusal(refused, await WithdrawAsync(again.Api));
        Assert.Equal(3, (await again.Api.PagesAsync(Stream + "/events")).Count);
        (await again.Api.PostAsync(Stream, Events.Numbered(3), Keyed)).IsProblem(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task The_same_request_at_two_silos_at_once_lands_once_and_one_answers_AlreadyAppended()
    {
        await using var one = await SiloProcess.StartAsync(_data.Path);
        await using var other = await SiloProcess.StartAsync(_data.Path);
        for (var round = 1; round <= 20; round++)
        {
            var key = ("Idempotency-Key", $"round-{round}");
            var answers = await Task.WhenAll(
                one.Api.PostAsync(Stream, Events.Numbered(1), key),
                other.Api.PostAsync(Stream, Events.Numbered(1), key));
            Assert.Single(answers, static answer => answer.Status == HttpStatusCode.Created);
            Assert.Single(answers, static answer => answer.Status == HttpStatusCode.OK);
            Assert.All(answers, answer => Assert.Equal(round, answer.Json["version"]!.GetValue<long>()));
        }

        Assert.Equal(20, (await one.Api.PagesAsync(Stream + "/events")).Count);
    }

    public void Dispose() => _data.Dispose();

    private static async Task AssertRepeatedAsync(Api api, Answer first)
    {
        var again = (await api.PostAsync(Stream, Events.Numbered(2), Keyed)).Is(HttpStatusCode.OK);
        Assert.Equal("AlreadyAppended", again.Json["outcome"]!.GetValue<string>());
        foreach (var name in new[] { "stream", "firstVersion", "version", "partition", "position" })
            Assert.Equal(first.Json[name]!.ToJsonString(), again.Json[name]!.ToJsonString());
    }

    private static async Task OpenAsync(Api api) =>
        (await api.PostAsync(Account, """{"owner":"Ada","currency":"EUR"}""")).Is(HttpStatusCode.Created);

    private static Task<Answer> WithdrawAsync(Api api) => api.PostAsync(
        Account + "/withdrawals", """{"amount":5,"currency":"EUR"}""", Api.Json, ("Idempotency-Key", "w"));

    private static void AssertSameRefusal(Answer before, Answer after)
    {
        after.IsProblem(HttpStatusCode.Conflict);
        Assert.Equal("insufficient-funds", after.Json["code"]!.GetValue<string>());
        Assert.Equal(before.Json["detail"]!.GetValue<string>(), after.Json["detail"]!.GetValue<string>());
    }
}
