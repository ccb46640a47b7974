using System.Diagnostics;
using Granary.Gateway;
using Microsoft.AspNetCore.Http;

namespace Granary.Tests.Unit.Gateway;

public sealed class RequestTraceTests
{
    private const string TraceId = "0af7651916cd43dd8448eb211c80319c";

    [Fact]
    public void It_continues_the_callers_trace_and_stays_the_same_for_the_request()
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.TraceParent = $"00-{TraceId}-b7ad6b7169203331-01";
        var id = RequestTrace.IdOf(context);
        Assert.Matches($"^00-{TraceId}-[0-9a-f]{{16}}-01$", id);
        Assert.DoesNotContain("b7ad6b7169203331", id);
        Assert.Equal(id, RequestTrace.IdOf(context));
        Assert.Null(Activity.Current);
    }

    [Fact]
    public void Requests_without_a_trace_have_one_of_their_own()
    {
        var id = RequestTrace.IdOf(new DefaultHttpContext());
        Assert.Matches("^00-[0-9a-f]{32}-[0-9a-f]{16}-00$", id);
        Assert.NotEqual(id, RequestTrace.IdOf(new DefaultHttpContext()));
    }

    [Fact]
    public void The_current_activity_comes_first()
    {
        using var activity = new Activity("request").Start();
        Assert.Equal(activity.Id, RequestTrace.IdOf(new DefaultHttpContext()));
    }
}
