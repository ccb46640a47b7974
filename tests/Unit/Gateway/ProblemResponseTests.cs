using System.Text.Json;
using Granary.Gateway;

namespace Granary.Tests.Unit.Gateway;

public sealed class ProblemResponseTests
{
    [Fact]
    public void A_problem_is_written_with_its_members()
    {
        var problem = new ProblemResponse("t", "A", 412, "D", "a")
        {
            Members = new() { ["actual"] = 7L, ["index"] = 1, ["etag"] = null },
        };
        var json = JsonSerializer.Serialize(problem, GatewayJson.Shared.ProblemResponse);
        const string expected =
            """
            {"type":"t","title":"A","status":412,"detail":"D","code":"a","actual":7,"index":1,"etag":null}
            """;
        Assert.Equal(expected, json);
    }
}
