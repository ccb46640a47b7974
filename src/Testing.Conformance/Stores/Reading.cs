using System.Text;

namespace Granary.Testing.Conformance.Stores;

internal static class Reading
{
    public static async Task<List<RecordedEvent>> AllAsync(IAsyncEnumerable<RecordedEvent> events)
    {
        var all = new List<RecordedEvent>();
        await foreach (var recorded in events) all.Add(recorded);
        return all;
    }

    public static string Text(RecordedEvent recorded) => Encoding.UTF8.GetString(recorded.Payload.Span);

    public static string Texts(IEnumerable<RecordedEvent> events) => string.Join(' ', events.Select(Text));

    public static IEnumerable<long> Versions(IEnumerable<RecordedEvent> events) =>
        events.Select(static one => one.Version.Value);

    public static IEnumerable<long> Positions(IEnumerable<RecordedEvent> events) =>
        events.Select(static one => one.Position.Position.Value);

    /// <summary>The numbers from 1 to the count: what versions and positions have to be.</summary>
    public static IEnumerable<long> OneTo(int count) => Enumerable.Range(1, count).Select(static at => (long)at);
}
