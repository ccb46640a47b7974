using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Granary.Storage.Sqlite;

namespace Granary.Silo;

/// <summary>Reads the settings, and refuses what is wrong or unknown by its name: nothing is passed over.</summary>
internal static class SiloSettings
{
    public const string Section = "Granary";

    // What a host of ASP.NET itself takes from the command line.
    private static readonly string[] KnownRoots =
        [Section, "Logging", "Kestrel", "AllowedHosts", "environment", "contentRoot", "applicationName", "urls"];

    private static readonly string[] Implied = ["Sqlite:Path", "Sqlite:PartitionCount"];

    /// <summary>Reads and checks the settings.</summary>
    /// <exception cref="InvalidSettingsException">One is wrong; the message names it.</exception>
    public static GranarySiloOptions Read(IConfiguration configuration, string[] arguments)
    {
        var section = configuration.GetSection(Section);
        ThrowIfAny(UnknownArguments(arguments).Concat(Unknown(section, typeof(GranarySiloOptions))));
        var options = new GranarySiloOptions();
        try
        {
            section.Bind(options);
        }
        catch (InvalidOperationException fault)
        {
            throw new InvalidSettingsException(fault.Message);
        }

        ThrowIfAny(Faults(options, Section));
        options.Sqlite.Path = Path.Combine(options.DataPath, "granary.db");
        options.Sqlite.PartitionCount = options.PartitionCount;
        return options;
    }

    /// <summary>Copies what was read into the options that a feature is registered with.</summary>
    public static void CopyTo<TOptions>(this TOptions from, TOptions to)
        where TOptions : class
    {
        foreach (var property in typeof(TOptions).GetProperties().Where(static one => one.CanWrite))
            property.SetValue(to, property.GetValue(from));
    }

    private static IEnumerable<string> UnknownArguments(string[] arguments) =>
        from root in new ConfigurationBuilder().AddCommandLine(arguments).Build().GetChildren()
        where !KnownRoots.Contains(root.Key, StringComparer.OrdinalIgnoreCase)
        select $"--{root.Key} is no option. Granary's own begin with {Section}:, as in --{Section}:DataPath=/data.";

    private static IEnumerable<string> Unknown(IConfigurationSection section, Type type)
    {
        var known = type.GetProperties().Where(static one => one.CanWrite || IsGroup(one)).ToArray();
        foreach (var child in section.GetChildren())
        {
            var property = known.FirstOrDefault(one => one.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase));
            if (property is null)
                yield return $"{child.Path} is no option. {section.Path} has {string.Join(
                    ", ", known.Select(static one => one.Name))}.";
            else if (Implied.Any(one => child.Path.EndsWith(one, StringComparison.OrdinalIgnoreCase)))
                yield return $"{child.Path} is set by {Section}:{(property.Name == nameof(SqliteStoreOptions.Path)
                    ? nameof(GranarySiloOptions.DataPath) : property.Name)}.";
            else if (IsGroup(property))
                foreach (var unknown in Unknown(child, property.PropertyType)) yield return unknown;
        }
    }

    private static IEnumerable<string> Faults(object options, string path)
    {
        var faults = new List<ValidationResult>();
        Validator.TryValidateObject(options, new(options), faults, validateAllProperties: true);
        return faults.Select(one => $"{path}:{string.Join(',', one.MemberNames)}: {one.ErrorMessage}").Concat(
            from property in options.GetType().GetProperties()
            where IsGroup(property)
            from fault in Faults(property.GetValue(options)!, $"{path}:{property.Name}")
            select fault);
    }

    private static bool IsGroup(PropertyInfo property) =>
        property.PropertyType.Name.EndsWith("Options", StringComparison.Ordinal);

    private static void ThrowIfAny(IEnumerable<string> faults)
    {
        var all = string.Join(Environment.NewLine, faults);
        if (all.Length > 0) throw new InvalidSettingsException(all);
    }
}

/// <summary>A setting is wrong.</summary>
internal sealed class InvalidSettingsException(string message) : InvalidOperationException(message);
