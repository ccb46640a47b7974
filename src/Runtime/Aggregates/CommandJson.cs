using System.Text.Json;

namespace Granary.Runtime;

/// <summary>How the answers of commands are written beside the events.</summary>
internal static class CommandJson
{
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web) { IncludeFields = true };
}
