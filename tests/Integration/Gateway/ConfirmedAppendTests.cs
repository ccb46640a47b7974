using System.Net;
using System.Text.Json.Nodes;

namespace Granary.Tests.Integration;

/// <summary>An append is answered when models have seen it, and stands where they have not.</summary>
public sealed class ConfirmedAppendTests
{
    private const string Confirm = "Granary-Confirm";
    private const string Confirmed = "Granary-Confirmed";
    private const string Unconfirmed = "Granary-Unconfirmed";

    [Fact]
    public async Task A_model_that_confirmed_an_append_has_it()
    {
        await using var host = await StartAsync();
        for (var i = 1; i <= 20; i++)
        {
            var answer = (await AppendAsync(host, "?wait=60", "things")).Is(HttpStatusCode.Created);
            Assert.Equal($"0:{i}", answer.Headers["Granary-Position"]);
            Assert.Equal("things", answer.Headers[Confirmed]);
            Assert.False(answer.Headers.ContainsKey(Unconfirmed));
            var model = (await host.Api.GetAsync("/api/models/things/a")).Is(HttpStatusCode.OK).Json;
            Assert.Equal(i, (int)model["model"]!["total"]!);
        }
    }

    [Fact]
    public async Task An_append_stands_whose_models_have_not_seen_it_or_are_not_there()
    {
        await using var host = await StartAsync();
        (await AppendAsync(host, "?wait=60", "things")).Is(HttpStatusCode.Created);
        (await host.Api.SendAsync(HttpMethod.Post, "/api/projections/things/pause", null))
            .Is(HttpStatusCode.NoContent);
        string? state = null;
        while (state != "paused")
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            var shown = (await host.Api.GetAsync("/api/projections/things")).Is(HttpStatusCode.OK).Json;
            state = (string?)shown["builds"]![0]!["reader"]!["partitions"]![0]!["state"];
        }

        var answer = (await AppendAsync(host, "?wait=0", "things, none")).Is(HttpStatusCode.Created);
        Assert.Equal("0:2", answer.Headers["Granary-Position"]);
        Assert.False(answer.Headers.ContainsKey(Confirmed));
        Assert.Equal("things;passed=\"0:1\", none;reason=projection-unknown", answer.Headers[Unconfirmed]);
        var head = (await host.Api.GetAsync("/api/streams/things/a")).Is(HttpStatusCode.OK).Json;
        Assert.Equal(2, (int)head["version"]!);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("", "a,,b")]
    [InlineData("", "a b")]
    [InlineData("", "1,2,3,4,5,6,7,8,9,10,11")]
    [InlineData("?wait=61", "things")]
    [InlineData("?wait=1", null)]
    public async Task What_cannot_be_confirmed_is_refused_before_it_is_stored(string query, string? names)
    {
        await using var host = await StartAsync();
        (await AppendAsync(host, query, names)).IsProblem(HttpStatusCode.BadRequest);
        (await host.Api.GetAsync("/api/streams/things/a")).IsProblem(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_command_to_an_account_names_the_position_of_its_event()
    {
        await using var host = await StartAsync();
        var opened = await host.Api.PostAsync(
            "/api/accounts/a", """{"owner":"Ada","currency":"EUR","overdraftLimit":0}""");
        Assert.Equal("0:1", opened.Is(HttpStatusCode.Created).Headers["Granary-Position"]);
        for (var i = 0; i < 2; i++)
        {
            var paid = await host.Api.PostAsync(
                "/api/accounts/a/deposits", """{"amount":1,"currency":"EUR"}""", "application/json",
                ("Idempotency-Key", "once"));
            Assert.Equal("0:2", paid.Is(HttpStatusCode.OK).Headers["Granary-Position"]);
        }
    }

    [Fact]
    public async Task Readers_that_keep_up_are_healthy()
    {
        await using var host = await StartAsync();
        (await AppendAsync(host, "?wait=60", "things")).Is(HttpStatusCode.Created);
        Assert.Equal("healthy", (await host.Api.GetAsync("/health/readers")).Is(HttpStatusCode.OK).Text);
    }

    private static Task<GatewayHost> StartAsync() =>
        GatewayHost.StartAsync(granary: static granary => granary.AddProjection<Things>());

    private static Task<Answer> AppendAsync(GatewayHost host, string query, string? names)
    {
        var body = new JsonObject { ["type"] = "thing-changed", ["data"] = new JsonObject { ["amount"] = 1 } };
        return names is null
            ? host.Api.PostAsync($"/api/streams/things/a{query}", body)
            : host.Api.PostAsync($"/api/streams/things/a{query}", body, (Confirm, names));
    }
}
