using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Granary.Storage.AzureStorage;
using Granary.Storage.Postgres;
using Granary.Storage.Sqlite;

namespace Granary.Silo;

/// <summary>One setting of the silo, as its option class declares it.</summary>
/// <param name="Path">Its name in the configuration, such as <c>Granary:Journal:RetryTimeoutMs</c>.</param>
/// <param name="Property">The property that holds it.</param>
/// <param name="Default">Its value where none is set.</param>
internal sealed record Setting(string Path, PropertyInfo Property, object? Default)
{
    /// <summary>The section of all settings.</summary>
    public const string Section = "Granary";

    /// <summary>The settings that another one decides, and that one.</summary>
    public static IReadOnlyDictionary<string, string> Implied { get; } = new Dictionary<string, string>(
        StringComparer.OrdinalIgnoreCase)
    {
        [$"{Section}:{nameof(GranarySiloOptions.Sqlite)}:{nameof(SqliteStoreOptions.Path)}"] =
            $"{Section}:{nameof(GranarySiloOptions.DataPath)}",
        [$"{Section}:{nameof(GranarySiloOptions.Sqlite)}:{nameof(SqliteStoreOptions.PartitionCount)}"] =
            $"{Section}:{nameof(GranarySiloOptions.PartitionCount)}",
        [$"{Section}:{nameof(GranarySiloOptions.Postgres)}:{nameof(PostgresStoreOptions.PartitionCount)}"] =
            $"{Section}:{nameof(GranarySiloOptions.PartitionCount)}",
        [$"{Section}:{nameof(GranarySiloOptions.Azure)}:{nameof(AzureStoreOptions.PartitionCount)}"] =
            $"{Section}:{nameof(GranarySiloOptions.PartitionCount)}",
    };

    /// <summary>Every setting, group by group. It is read from the classes after the list above is set.</summary>
    public static IReadOnlyList<Setting> All { get; } = [.. Of(new GranarySiloOptions(), Section)];

    private static readonly Dictionary<string, Setting> ByPath =
        All.ToDictionary(static one => one.Path, StringComparer.OrdinalIgnoreCase);

    /// <summary>The group that it belongs to, such as <c>Granary:Journal</c>.</summary>
    public string Group => Path[..Path.LastIndexOf(':')];

    /// <summary>The values that it may have, or null where they have no bounds.</summary>
    public RangeAttribute? Range => Property.GetCustomAttribute<RangeAttribute>();

    /// <summary>The words that it may be, or null where it is no choice.</summary>
    public IReadOnlyList<string>? Words => Property.PropertyType.IsEnum
        ? [.. Enum.GetValues(Property.PropertyType).Cast<Enum>().Select(Word)]
        : null;

    /// <summary>What it must be, or null where every text can be bound or <see cref="Words"/> are checked.</summary>
    public string? Kind => ValueType switch
    {
        var type when type == typeof(bool) => "true or false",
        var type when type == typeof(int) || type == typeof(long) => "a whole number",
        var type when type == typeof(double) => "a number",
        var type when type == typeof(Uri) => "an address",
        _ => null,
    };

    private Type ValueType => Nullable.GetUnderlyingType(Property.PropertyType) ?? Property.PropertyType;

    /// <summary>Whether a text can be bound to it.</summary>
    public bool CanBe(string text) =>
        (text.Length == 0 && ValueType != Property.PropertyType)
        || TypeDescriptor.GetConverter(ValueType).IsValid(text);

    /// <summary>How a choice is written in the configuration.</summary>
    public static string Word(Enum choice) => choice.ToString().ToLowerInvariant();

    /// <summary>Why a path is no setting, or null where it is one.</summary>
    public static string? Fault(string path)
    {
        if (Implied.TryGetValue(path, out var by)) return $"is set by {by}";
        if (ByPath.ContainsKey(path)) return null;
        var group = path;
        while (group.Contains(':') && !IsGroup(group)) group = group[..group.LastIndexOf(':')];
        if (!IsGroup(group)) group = Section;
        var members = All.Where(one => Under(one.Path, group)).ToArray();
        return $"is no option. {members[0].Path[..group.Length]} has "
            + string.Join(", ", members.Select(one => one.Path[(group.Length + 1)..].Split(':')[0]).Distinct());
    }

    /// <summary>Whether there are settings under a path.</summary>
    public static bool IsGroup(string path) => All.Any(one => Under(one.Path, path));

    private static bool Under(string path, string group) =>
        path.Length > group.Length && path[group.Length] == ':'
        && path.StartsWith(group, StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<Setting> Of(object options, string path)
    {
        var properties = options.GetType().GetProperties();
        // What is abstract, as a credential is, has no form as text.
        var own = from property in properties
                  where property.CanWrite && !property.PropertyType.IsAbstract
                  where !Implied.ContainsKey($"{path}:{property.Name}")
                  select new Setting($"{path}:{property.Name}", property, property.GetValue(options));
        return own.Concat(
            from property in properties
            where !property.CanWrite && property.PropertyType.Name.EndsWith("Options", StringComparison.Ordinal)
            from setting in Of(property.GetValue(options)!, $"{path}:{property.Name}")
            select setting);
    }
}
