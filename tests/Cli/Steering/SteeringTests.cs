namespace Granary.Tests.Cli;

/// <summary>The commands that watch and steer the readers of the log.</summary>
public sealed class SteeringTests : IAsyncLifetime
{
    private const string Partition =
        """{"partition":0,"position":7,"state":"stopped","lag":3,"lagSeconds":1.5,"eventsPerSecond":2"""
        + ""","parkedStreams":1,"lastError":"It failed.\u001b[2J"}""";

    private const string Reader =
        """{"name":"mailer","kind":"reactor","lag":3,"partitions":[""" + Partition + "]}";

    private readonly FakeGateway _gateway = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _gateway.DisposeAsync();

    [Fact]
    public async Task Projections_are_shown_with_their_builds_and_partitions()
    {
        _gateway.Answer(
            "GET /api/projections", 200,
            $$"""
            {"projections":[{"name":"balances","version":2,"builds":[{"name":"balances_v2","state":"building",
            "eventsPassed":7,"eventsTotal":10,"secondsLeft":1.5,"differences":null,"reader":{{Reader}} }]}]}
            """);
        using var test = await RunAsync(0, "projections");
        Assert.Equal(
            [
                "balances  version 2", "  balances_v2  building  7/10 events  1.5 s left",
                "    0:7  stopped  lag 3 (1.5 s)  2/s  1 parked", "      last error: It failed.\u001b[2J", "",
            ],
            test.Output.Split('\n'));
    }

    [Fact]
    public async Task A_live_projection_and_models_that_differ_from_the_log_are_shown()
    {
        _gateway.Answer(
            "GET /api/projections", 200,
            """
            {"projections":[{"name":"receipts","version":1,"live":true,"builds":[]},
            {"name":"balances","version":2,"live":false,"truthCheck":{"drifted":3},"builds":[]},
            {"name":"totals","version":1,"live":false,"truthCheck":{"drifted":0},"builds":[]}]}
            """);
        using var test = await RunAsync(0, "projections");
        Assert.Equal(
            ["receipts  version 1  live", "balances  version 2  3 models differ from the log", "totals  version 1", ""],
            test.Output.Split('\n'));
    }

    [Theory]
    [InlineData("GET /api/subscriptions", new[] { "  1 partition(s) live, lag 0", "  2:9  paused  lag 0 (0 s)  0/s" })]
    [InlineData("GET /api/subscriptions/mailer",
        new[] { "  1:8  live  lag 0 (0 s)  0/s", "  2:9  paused  lag 0 (0 s)  0/s" }, "mailer")]
    public async Task Partitions_without_lag_are_counted_unless_one_reader_is_named(
        string call, string[] partitions, params string[] names)
    {
        const string rest = """ "lag":0,"lagSeconds":0,"eventsPerSecond":0,"parkedStreams":0}""";
        const string reader =
            """{"name":"mailer","kind":"reactor","lag":0,"partitions":["""
            + """{"partition":1,"position":8,"state":"live",""" + rest + ","
            + """{"partition":2,"position":9,"state":"paused",""" + rest + "]}";
        _gateway.Answer(call, 200, names.Length > 0 ? reader : $$"""{"subscriptions":[{{reader}}]}""");

        using var test = await RunAsync(0, ["subscriptions", .. names]);

        Assert.Equal(["mailer  reactor  lag 0", .. partitions, ""], test.Output.Split('\n'));
    }

    [Fact]
    public async Task A_terminal_gets_no_control_characters_of_an_error()
    {
        _gateway.Answer("GET /api/subscriptions/mailer", 200, Reader);
        using var test = new TestIo(isTerminal: true);
        await test.RunAsync(["subscriptions", "mailer", "--url", _gateway.Url], 0);
        Assert.StartsWith("mailer  reactor  lag 3\n", test.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', test.Output);
    }

    [Fact]
    public async Task Readers_are_shown_as_lines_of_JSON()
    {
        _gateway.Answer("GET /api/subscriptions", 200, $$"""{"subscriptions":[{{Reader}},{{Reader}}]}""");
        using var test = await RunAsync(0, "subscriptions", "--json");
        Assert.Equal([Reader, Reader, ""], test.Output.Split('\n'));
    }

    [Theory]
    [InlineData("POST /api/subscriptions/a%2Fb/pause", "pause", "a/b")]
    [InlineData("POST /api/subscriptions/mailer/resume", "resume", "mailer")]
    [InlineData("POST /api/projections/balances/builds/balances_v1/switch", "switch", "balances", "balances_v1")]
    [InlineData("DELETE /api/projections/balances/builds/balances_v1", "drop", "balances", "balances_v1", "--yes")]
    [InlineData("POST /api/subscriptions/mailer/parked/orders/a%2Fb/retry", "parked", "retry", "mailer", "orders/a/b")]
    [InlineData("POST /api/subscriptions/mailer/parked/orders/%2E%2E/retry", "parked", "retry", "mailer", "orders/..")]
    [InlineData("POST /api/subscriptions/mailer/parked/orders/%2E/retry", "parked", "retry", "mailer", "orders/.")]
    [InlineData("DELETE /api/subscriptions/mailer/parked/orders/7", "parked", "drop", "mailer", "orders/7", "--yes")]
    public async Task A_command_makes_one_call(string asked, params string[] arguments)
    {
        using var test = await RunAsync(0, arguments);
        Assert.Equal([asked], _gateway.Asked);
        Assert.NotEmpty(test.Output);
    }

    [Fact]
    public async Task A_rebuild_names_the_build_that_is_begun()
    {
        _gateway.Answer(
            "POST /api/projections/balances/rebuild?publish=true", 202, """{"name":"balances_v1_2"}""");
        using var test = await RunAsync(0, "rebuild", "balances", "--publish");
        Assert.StartsWith("balances_v1_2 is built.", test.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_pages_of_parked_streams_are_listed()
    {
        const string stream =
            """{"stream":"orders/7","position":"0:5","eventType":"placed","tries":3,"error":"It failed."}""";
        _gateway.Answer(
            "GET /api/subscriptions/mailer/parked", 200, $$"""{"streams":[{{stream}}],"next":"a+b"}""");
        _gateway.Answer(
            "GET /api/subscriptions/mailer/parked?after=a%2Bb", 200, $$"""{"streams":[{{stream}}],"next":null}""");
        using var test = await RunAsync(0, "parked", "list", "mailer");
        const string line = "orders/7  from 0:5 (placed)  3 tries  It failed.";
        Assert.Equal([line, line, ""], test.Output.Split('\n'));
    }

    [Theory]
    [InlineData(404, ExitCodes.Found)]
    [InlineData(503, ExitCodes.Unavailable)]
    public async Task What_the_gateway_refuses_is_said(int status, int code)
    {
        _gateway.Answer("POST /api/subscriptions/none/pause", status, """{"detail":"Not that one."}""");
        using var test = await RunAsync(code, "pause", "none");
        Assert.Contains($"{status}: Not that one.", test.Error, StringComparison.Ordinal);
        Assert.Empty(test.Output);
    }

    [Fact]
    public async Task Nothing_is_dropped_unless_that_is_confirmed()
    {
        using var test = await RunAsync(ExitCodes.Usage, "drop", "balances", "balances_v1");
        using var parked = await RunAsync(ExitCodes.Usage, "parked", "drop", "mailer", "orders/7");
        Assert.Empty(_gateway.Asked);
    }

    [Fact]
    public async Task The_environment_may_name_the_gateway_and_something_must()
    {
        using var named = new TestIo(variables: ("GRANARY_URL", _gateway.Url));
        await named.RunAsync(["pause", "mailer"], 0);
        Assert.Equal(["POST /api/subscriptions/mailer/pause"], _gateway.Asked);
        using var none = await TestIo.RunAsync(ExitCodes.Usage, "pause", "mailer");
        Assert.Contains("GRANARY_URL", none.Error, StringComparison.Ordinal);
    }

    private Task<TestIo> RunAsync(int code, params string[] arguments) =>
        TestIo.RunAsync(code, [.. arguments, "--url", _gateway.Url]);
}
