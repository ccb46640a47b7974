using Granary.Gateway;

namespace Granary.Tests.Unit.Gateway;

public sealed class RequestTargetTests
{
    private const string Events = "/api/streams/{category}/{key}/events";

    [Theory]
    [InlineData("/api/streams/things/a", "things", "a", "a")]
    [InlineData("/api/streams/things/a/", "things", "a", "a")]
    [InlineData("/api/streams/things/a%2Fb?after=1", "things", "a%2Fb", "a/b")]
    [InlineData("/api/streams/things/a%252Fb", "things", "a%2Fb", "a%2Fb")]
    [InlineData("/base/api/streams/things/..x", "things", "..x", "..x")]
    [InlineData("/api/streams/things/a+b%20c", "things", "a+b c", "a+b c")]
    [InlineData("/api/streams/things/%F0%9F%94%91%e4%b8%80", "things", "🔑一", "🔑一")]
    [InlineData("http://host/api/streams/streams/api", "streams", "api", "api")]
    public void A_name_is_what_was_sent(string target, string category, string routed, string key)
    {
        var stream = RequestTarget.Stream(Requests.To(
            target, "/api/streams/{category}/{key}", ("category", category), ("key", routed)));
        Assert.Equal((category, key), (stream.Category, stream.Key));
    }

    [Fact]
    public void What_follows_the_names_is_not_part_of_them()
    {
        var stream = RequestTarget.Stream(Requests.To(
            "/api/streams/things/events/events", Events, ("category", "things"), ("key", "events")));
        Assert.Equal("events", stream.Key);
    }

    [Theory]
    [InlineData("/api/streams/things/%", "things", "%")]
    [InlineData("/api/streams/things/%2", "things", "%2")]
    [InlineData("/api/streams/things/%zz", "things", "%zz")]
    [InlineData("/api/streams/things/%+1", "things", "%+1")]
    [InlineData("/api/streams/things/%FF", "things", "%FF")]
    [InlineData("/api/streams/things/%ED%A0%80", "things", "%ED%A0%80")]
    [InlineData("/api/streams/thi%2Fngs/a", "thi%2Fngs", "a")]
    [InlineData("/api/streams/things/a/b/..", "things", "a")]
    [InlineData("/api/streams/things/a/.", "things", "a")]
    public void A_name_that_is_none_or_not_the_one_that_was_routed_is_400(string target, string category, string key)
    {
        var context = Requests.To(target, "/api/streams/{category}/{key}", ("category", category), ("key", key));
        Assert.Equal(400, Assert.Throws<ApiProblem>(() => RequestTarget.Stream(context)).Status);
    }

    [Fact]
    public void An_account_has_the_id_that_was_sent() => Assert.Equal("a/b", RequestTarget.AccountId(
        Requests.To("/api/accounts/a%2Fb/close", "/api/accounts/{id}/close", ("id", "a%2Fb"))));

    [Theory]
    [InlineData("http://host", "/")]
    [InlineData("http://host/a%2Fb?c", "/a%2Fb")]
    [InlineData("/a?b?c", "/a")]
    public void The_path_is_what_was_sent_without_host_and_query(string target, string path) =>
        Assert.Equal(path, RequestTarget.Path(Requests.To(target, "/")));
}
