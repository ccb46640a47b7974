namespace Granary.Client;

/// <summary>
/// How many events the next page of a subscription holds at most: as many as take about half a MiB, so that many
/// subscriptions fit into memory whatever the size of events.
/// </summary>
internal sealed class PageLimit
{
    private const int EventsMax = 512;
    private const long BytesMin = 256 * 1024;
    private const long BytesMax = 1024 * 1024;

    // Many events are alone when they come.
    public int Events { get; private set; } = 32;

    public void Adapt(LogPage page)
    {
        var bytes = page.Events.Sum(static one => (long)one.Payload.Length + one.Metadata.Utf8.Length);
        if (bytes > BytesMax) Events = Math.Max(1, Math.Min(Events, page.Events.Count) / 2);
        else if (bytes < BytesMin && page.Events.Count == Events) Events = Math.Min(EventsMax, 2 * Events);
    }
}
