using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Granary.Runtime;

/// <summary>A deadline and its row.</summary>
internal sealed record DeadlineRow(ModelRow Row, DeadlineDocument Document)
{
    /// <summary>The deadlines of all processes; the key is a hash of the process and the deadline's name.</summary>
    public static ModelTable Table { get; } = new(
        "granary_deadlines", new ModelColumn("due", ModelColumnKind.Time));

    public static ModelColumn Due => Table.Columns[0];

    public static string KeyOf(GrainId process, string name) =>
        EffectIds.Of(Guid.Empty, $"{process}\n{name}").ToString("N");

    /// <summary>The id of a deadline: that of the same name and time is the same.</summary>
    public static Guid IdOf(StreamName process, string name, DateTimeOffset due) => EffectIds.Of(
        Guid.Empty,
        string.Create(CultureInfo.InvariantCulture, $"{process}\n{name}\n{due.UtcTicks}"));

    public static DeadlineRow Of(ModelRow row) => new(
        row,
        JsonSerializer.Deserialize(row.Document.Span, DeadlineJson.Default.DeadlineDocument)
        ?? throw new StoreCorruptException($"The deadline '{row.Key}' has no document."));

    public static ModelWrite Put(DeadlineDocument document, ModelRow? row) => ModelWrite.Put(
        Table,
        KeyOf(document.Process, document.Name),
        row,
        JsonSerializer.SerializeToUtf8Bytes(document, DeadlineJson.Default.DeadlineDocument),
        [document.Due]);
}

/// <summary>A deadline.</summary>
/// <param name="Type">The grain type of the process.</param>
/// <param name="Key">The key of its grain.</param>
/// <param name="Name">The deadline's name.</param>
/// <param name="Due">When it passes.</param>
internal sealed record DeadlineDocument(string Type, string Key, string Name, DateTimeOffset Due)
{
    [JsonIgnore]
    public GrainId Process => GrainId.Create(Type, Key);
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(DeadlineDocument))]
internal sealed partial class DeadlineJson : JsonSerializerContext;
