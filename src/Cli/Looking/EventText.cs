using System.Text;

namespace Granary.Cli;

/// <summary>An event as a line for people.</summary>
internal static class EventText
{
    private const int DataMax = 400;

    /// <summary>Where it is, when it was recorded, what it is, and the beginning of its data.</summary>
    public static string Of(RecordedEvent one, bool withStream)
    {
        var stream = withStream ? $"{one.Stream}  " : "";
        return $"{one.Position,8}  {EventLine.Text(one.Timestamp)}  {stream}{one.Version,4}  {one.Type}  {Data(one)}";
    }

    private static string Data(RecordedEvent one)
    {
        if (one.Payload.IsEmpty) return "";
        if (!one.ContentType.Contains("json", StringComparison.OrdinalIgnoreCase))
            return $"({one.Payload.Length} bytes of {one.ContentType})";
        var text = Encoding.UTF8.GetString(one.Payload.Span).ReplaceLineEndings(" ");
        return text.Length <= DataMax ? text : $"{text[..DataMax]}… ({one.Payload.Length} bytes)";
    }
}
