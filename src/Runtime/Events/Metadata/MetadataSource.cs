using System.Diagnostics;
using System.Globalization;

namespace Granary.Runtime;

/// <summary>
/// Takes metadata from Orleans' <see cref="RequestContext"/> and from <see cref="Activity.Current"/>. Of the caller's
/// own pairs those are taken whose values are text, numbers or GUIDs; names that begin with <c>#</c> or <c>orleans.</c>
/// are Orleans' own and names that begin with <c>granary.</c> are ours, and a caller's of either kind are passed over.
/// </summary>
internal sealed class MetadataSource : IMetadataSource
{
    public EventMetadata Capture()
    {
        var activity = Activity.Current;
        List<KeyValuePair<string, string>>? pairs = null;
        foreach (var (name, value) in RequestContext.Entries)
        {
            if (!IsReserved(name) && AsText(value) is { } text) (pairs ??= []).Add(new(name, text));
        }

        if (activity is { IdFormat: ActivityIdFormat.W3C, Id: { } id })
        {
            pairs ??= [];
            pairs.Add(new(MetadataNames.TraceParent, id));
            if (!pairs.Exists(static pair => pair.Key == MetadataNames.CorrelationId))
                pairs.Add(new(MetadataNames.CorrelationId, activity.TraceId.ToHexString()));
        }

        return pairs is null ? EventMetadata.Empty : EventMetadata.Of(pairs);
    }

    // Orleans carries the trace between silos under W3C's own names; by now it is the current activity.
    private static bool IsReserved(string name) => name is "traceparent" or "tracestate" || name.StartsWith('#')
        || name.StartsWith("orleans.", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith(MetadataNames.ReservedPrefix, StringComparison.Ordinal);

    private static string? AsText(object? value) => value switch
    {
        string text => text,
        Guid id => id.ToString(),
        byte or sbyte or short or ushort or int or uint or long or ulong or float or double or decimal =>
            Convert.ToString(value, CultureInfo.InvariantCulture),
        _ => null,
    };
}
