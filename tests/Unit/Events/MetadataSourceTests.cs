using System.Diagnostics;
using Granary.Runtime;

namespace Granary.Tests.Unit.Events;

public sealed class MetadataSourceTests : IDisposable
{
    private readonly MetadataSource _source = new();

    public MetadataSourceTests()
    {
        RequestContext.Clear();
        Activity.Current = null;
    }

    public void Dispose()
    {
        RequestContext.Clear();
        Activity.Current = null;
    }

    [Fact]
    public void Without_metadata_of_the_request_nothing_is_kept() =>
        Assert.Same(EventMetadata.Empty, _source.Capture());

    [Fact]
    public void The_metadata_of_the_request_goes_into_the_event()
    {
        RequestContext.Set(MetadataNames.CorrelationId, "c-1");
        RequestContext.Set(MetadataNames.CausationId, "e-1");
        RequestContext.Set(MetadataNames.Actor, "Ada");
        RequestContext.Set("tenant", "north");

        var metadata = _source.Capture();

        Assert.Equal(
            ("c-1", "e-1", "Ada"), (metadata.CorrelationId, metadata.CausationId, metadata.Actor));
        Assert.Null(metadata.TraceParent);
        Assert.Equal("north", metadata.Find("tenant"));
        Assert.Equal(4, metadata.Pairs.Count);
    }

    [Fact]
    public void The_trace_goes_along_and_is_the_correlation_where_there_is_no_other()
    {
        using var activity = Start();

        var metadata = _source.Capture();

        Assert.Equal($"00-{activity.TraceId}-{activity.SpanId}-00", metadata.TraceParent);
        Assert.Equal(activity.TraceId.ToHexString(), metadata.CorrelationId);
    }

    [Fact]
    public void A_correlation_of_the_callers_own_goes_before_the_trace()
    {
        using var activity = Start();
        RequestContext.Set(MetadataNames.CorrelationId, "c-1");
        RequestContext.Set(MetadataNames.TraceParent, "an older one");

        var metadata = _source.Capture();

        Assert.Equal("c-1", metadata.CorrelationId);
        Assert.Equal(activity.Id, metadata.TraceParent);
    }

    [Fact]
    public void An_activity_that_is_not_W3Cs_has_no_trace_to_keep()
    {
        using var activity = new Activity("old").SetIdFormat(ActivityIdFormat.Hierarchical).Start();

        Assert.Same(EventMetadata.Empty, _source.Capture());
    }

    [Fact]
    public void Numbers_and_ids_are_kept_as_text_and_other_objects_are_not()
    {
        var id = Guid.CreateVersion7(Codecs.Now);
        object[] values = ["text", id, (byte)1, (sbyte)-1, (short)-2, (ushort)2, -3, 3u, -4L, 4ul, 1.5f, 2.5, 3.50m];
        for (var at = 0; at < values.Length; at++) RequestContext.Set($"n{at:00}", values[at]);
        RequestContext.Set("other", new Version(1, 2));

        var metadata = _source.Capture();

        Assert.Equal(
            ["text", id.ToString(), "1", "-1", "-2", "2", "-3", "3", "-4", "4", "1.5", "2.5", "3.50"],
            metadata.Pairs.OrderBy(static pair => pair.Key, StringComparer.Ordinal).Select(static pair => pair.Value));
    }

    [Theory]
    [InlineData("#CCR")]
    [InlineData("orleans.silo.id")]
    [InlineData("traceparent")]
    [InlineData("tracestate")]
    [InlineData("granary.command")]
    public void Names_that_are_Orleans_or_ours_are_passed_over(string name)
    {
        RequestContext.Set(name, "value");

        Assert.Same(EventMetadata.Empty, _source.Capture());
    }

    [Fact]
    public void Metadata_of_16_KiB_is_accepted_and_of_a_byte_more_refused()
    {
        var frame = """{"a":""}""".Length;
        RequestContext.Set("a", new string('x', GranaryLimits.MetadataSizeMax - frame));
        Assert.Equal(16_384, _source.Capture().Utf8.Length);

        RequestContext.Set("a", new string('x', GranaryLimits.MetadataSizeMax - frame + 1));
        var error = Assert.Throws<LimitExceededException>(() => _source.Capture());
        Assert.Equal((16_385, 16_384), (error.Actual, error.Allowed));
    }

    private static Activity Start() => new Activity("call").SetIdFormat(ActivityIdFormat.W3C).Start();
}
