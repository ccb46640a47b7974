using System.Text.Json;

namespace Granary.Benchmarks;

/// <summary>The one event of all contestants: small, as most are.</summary>
[GenerateSerializer, Immutable, Alias(TypeName)]
public sealed record Noted([property: Id(0)] long Amount, [property: Id(1)] string Note)
{
    internal const string TypeName = "bench.noted";

    private const string Text = "a note as long as many are";

    /// <summary>The event as JSON, for those that are given bytes.</summary>
    internal static byte[] Json { get; } = JsonSerializer.SerializeToUtf8Bytes(Of(1), JsonSerializerOptions.Web);

    internal static Noted Of(long amount) => new(amount, Text);
}
