using Granary.Gateway;

namespace Granary.Tests.Unit.Gateway;

public sealed class RequestTargetTests
{
    [Theory]
    [InlineData("/api/streams/things/a", "things", "a")]
    [InlineData("/api/streams/things/a%2Fb?after=1", "things", "a/b")]
    [InlineData("/api/streams/things/a%252Fb", "things", "a%2Fb")]
    [InlineData("/api/streams/things/%2E%2E", "things", "..")]
    [InlineData("/api/streams/things/..", "things", "..")]
    [InlineData("/api/streams/things/a+b%20c", "things", "a+b c")]
    [InlineData("/api/streams/things/%F0%9F%94%91%e4%b8%80", "things", "🔑一")]
    [InlineData("/API/Streams/streams/api", "streams", "api")]
    public void A_name_is_what_was_sent(string target, string category, string key)
    {
        var stream = RequestTarget.Stream(Requests.To(target));
        Assert.Equal(category, stream.Category);
        Assert.Equal(key, stream.Key);
    }

    [Theory]
    [InlineData("/api/streams/things/%2E%2E/events", "/api/streams/x/x/events")]
    [InlineData("/api/streams/things/a%2Fstate", "/api/streams/x/x")]
    [InlineData("/api/accounts/..%2Fclose/deposits", "/api/accounts/x/deposits")]
    public void What_a_name_holds_does_not_decide_the_way(string target, string path) =>
        Assert.Equal(path, Requests.To(target).Request.Path);

    [Theory]
    [InlineData("/api/streams/things/%")]
    [InlineData("/api/streams/things/%2")]
    [InlineData("/api/streams/things/%zz")]
    [InlineData("/api/streams/things/%+1")]
    [InlineData("/api/streams/things/%FF")]
    [InlineData("/api/streams/things/%ED%A0%80")]
    [InlineData("/api/streams/thi%2Fngs/a")]
    [InlineData("/api/streams//a")]
    public void A_name_that_is_none_is_400(string target) =>
        Assert.Equal(400, Assert.Throws<ApiProblem>(() => RequestTarget.Stream(Requests.To(target))).Status);

    [Fact]
    public void An_account_has_the_id_that_was_sent() =>
        Assert.Equal("a/b", RequestTarget.AccountId(Requests.To("/api/accounts/a%2Fb/close")));
}
