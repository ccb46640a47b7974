using System.Text.Json.Serialization;

namespace Granary.Runtime;

/// <summary>How cursors are written.</summary>
[JsonSerializable(typeof(string[]))]
internal sealed partial class QueriesJson : JsonSerializerContext;
