using Granary.Gateway;

namespace Granary.Tests.Unit.Gateway;

public sealed class CommandBodyTests
{
    [Theory]
    [InlineData("""{"amount":1,"Amount":2,"currency":"EUR"}""")]
    [InlineData("""{"Amount":2,"amount":1,"currency":"EUR"}""")]
    [InlineData("""{"amount":1,"currency":"EUR","CURRENCY":"USD"}""")]
    public async Task A_member_in_other_letters_does_not_count_as_the_member(string body)
    {
        var request = Requests.Post(body, "application/json");
        var problem = await Assert.ThrowsAsync<ApiProblem>(
            () => CommandBody.ReadAsync(request, GatewayJson.Shared.MoneyRequest));
        Assert.Equal((400, "invalid-body"), (problem.Status, problem.Code));
    }
}
