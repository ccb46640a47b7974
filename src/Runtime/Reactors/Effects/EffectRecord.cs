using System.Text.Json;
using System.Text.Json.Serialization;

namespace Granary.Runtime;

/// <summary>What the ledger knows of an effect.</summary>
internal sealed record EffectRecord
{
    /// <summary>The name of the reactor or webhook.</summary>
    public required string Reader { get; init; }

    public required string Category { get; init; }

    public required string Key { get; init; }

    public required Guid EventId { get; init; }

    public required int Partition { get; init; }

    public required long Position { get; init; }

    /// <summary>Whether it succeeded: then it is not repeated.</summary>
    public bool Done { get; init; }

    /// <summary>What it came to.</summary>
    public string? Answer { get; init; }

    /// <summary>How often it was tried.</summary>
    public int Tries { get; init; }

    public string? LastError { get; init; }

    /// <summary>When it was tried first.</summary>
    public required DateTimeOffset FirstAt { get; init; }

    /// <summary>When the last try ended.</summary>
    public required DateTimeOffset At { get; init; }
}

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EffectRecord))]
internal sealed partial class EffectJson : JsonSerializerContext;
