namespace Granary;

/// <summary>A <see cref="LogFilter"/> on its way between processes: its sets may be of any type.</summary>
[GenerateSerializer, Alias("granary.LogFilter")]
internal struct LogFilterSurrogate
{
    [Id(0)] public string[]? Categories;
    [Id(1)] public StreamName[]? Streams;
    [Id(2)] public string[]? EventTypes;
}

/// <summary>Makes a filter of its surrogate, and back.</summary>
[RegisterConverter]
internal sealed class LogFilterConverter : IConverter<LogFilter, LogFilterSurrogate>
{
    public LogFilter ConvertFromSurrogate(in LogFilterSurrogate surrogate) => new()
    {
        Categories = surrogate.Categories?.ToHashSet(StringComparer.Ordinal),
        Streams = surrogate.Streams?.ToHashSet(),
        EventTypes = surrogate.EventTypes?.ToHashSet(StringComparer.Ordinal),
    };

    public LogFilterSurrogate ConvertToSurrogate(in LogFilter value) => new()
    {
        Categories = value.Categories?.ToArray(),
        Streams = value.Streams?.ToArray(),
        EventTypes = value.EventTypes?.ToArray(),
    };
}
