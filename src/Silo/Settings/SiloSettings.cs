using System.ComponentModel.DataAnnotations;

namespace Granary.Silo;

/// <summary>Reads the settings, and refuses by its name what is wrong or unknown.</summary>
internal static class SiloSettings
{
    /// <summary>A message: where the API's address is set.</summary>
    public const string AddressAdvice =
        $"Where the API listens is set by {Setting.Section}:{nameof(GranarySiloOptions.Url)} alone";

    private const int WordLengthMax = 30;

    /// <summary>What sets a server's address in other applications of ASP.NET Core.</summary>
    public static readonly string[] OtherAddresses = ["urls", "http_ports", "https_ports", "Kestrel"];

    /// <summary>Reads and checks the settings.</summary>
    /// <exception cref="InvalidSettingsException">One or more are wrong; the message names each.</exception>
    public static GranarySiloOptions Read(IConfiguration configuration)
    {
        var section = configuration.GetSection(Setting.Section);
        ThrowIfAny(Unknown(section).Concat(SetsAddress(configuration)).Concat(WrongLogLevels(configuration))
            .Concat(WrongWords(configuration)).Concat(WrongValues(configuration)));
        var options = new GranarySiloOptions();
        try
        {
            section.Bind(options);
        }
        catch (InvalidOperationException fault)
        {
            throw new InvalidSettingsException(fault.Message);
        }

        StorageAccount.TakeFromCluster(options);
        ThrowIfAny(Faults(options, Setting.Section));
        options.Sqlite.Path = Path.Combine(options.DataPath, "granary.db");
        options.Sqlite.PartitionCount = options.PartitionCount ?? options.Sqlite.PartitionCount;
        options.Postgres.PartitionCount = options.PartitionCount ?? options.Postgres.PartitionCount;
        options.Azure.PartitionCount = options.PartitionCount ?? options.Azure.PartitionCount;
        return options;
    }

    /// <summary>Copies what was read into the options that a feature is registered with.</summary>
    public static void CopyTo<TOptions>(this TOptions from, TOptions to)
        where TOptions : class
    {
        foreach (var property in typeof(TOptions).GetProperties().Where(static one => one.CanWrite))
            property.SetValue(to, property.GetValue(from));
    }

    /// <summary>Throws one exception for all faults.</summary>
    /// <exception cref="InvalidSettingsException">There are any.</exception>
    public static void ThrowIfAny(IEnumerable<string> faults)
    {
        var all = string.Join(Environment.NewLine, faults);
        if (all.Length > 0) throw new InvalidSettingsException(all);
    }

    private static IEnumerable<string> Unknown(IConfigurationSection section) =>
        from pair in section.AsEnumerable()
        where !IsBranch(pair.Key, pair.Value, section) && !WebhookSettings.Has(pair.Key)
        let fault = Setting.Fault(pair.Key)
        where fault is not null
        select $"'{pair.Key}' {fault}.";

    private static bool IsBranch(string path, string? value, IConfigurationSection section) => value is null
        && (Setting.IsGroup(path) || path.Equals(section.Path, StringComparison.OrdinalIgnoreCase)
            || section.GetSection(path[(section.Path.Length + 1)..]).GetChildren().Any());

    private static IEnumerable<string> SetsAddress(IConfiguration configuration) =>
        from name in OtherAddresses
        from pair in configuration.GetSection(name).AsEnumerable()
        where !string.IsNullOrEmpty(pair.Value)
        select $"'{pair.Key}' is set. {AddressAdvice}: remove it from the environment and the settings files.";

    private static IEnumerable<string> WrongLogLevels(IConfiguration configuration) =>
        from pair in configuration.GetSection("Logging").AsEnumerable()
        where pair.Key.Contains(":LogLevel:", StringComparison.OrdinalIgnoreCase) && !string.IsNullOrEmpty(pair.Value)
        where !Enum.TryParse<LogLevel>(pair.Value, ignoreCase: true, out _)
        select $"'{pair.Key}' is '{pair.Value}'; it must be one of {string.Join(", ", Enum.GetNames<LogLevel>())}.";

    // The binder takes a number for a choice, and does not name the choices.
    private static IEnumerable<string> WrongWords(IConfiguration configuration) =>
        from setting in Setting.All
        where setting.Words is not null
        let value = configuration[setting.Path]
        where value is not null && !setting.Words!.Contains(value, StringComparer.OrdinalIgnoreCase)
        select $"{setting.Path}{Shown(value)} must be one of {string.Join(", ", setting.Words!)}.";

    // The binder's own message has the value, which may be an address with a signature.
    private static IEnumerable<string> WrongValues(IConfiguration configuration) =>
        from setting in Setting.All
        let value = configuration[setting.Path]
        where value is not null && setting.Kind is not null && !setting.CanBe(value)
        select $"{setting.Path}{Shown(value)} must be {setting.Kind}.";

    // What is no word may be a connection string under a wrong name, with a password in it.
    private static string Shown(string value) =>
        value.Length <= WordLengthMax && value.All(static one => char.IsAsciiLetterOrDigit(one) || one == '-')
            ? $" is '{value}'; it"
            : ": It";

    private static IEnumerable<string> Faults(object options, string path)
    {
        var faults = new List<ValidationResult>();
        Validator.TryValidateObject(options, new(options), faults, validateAllProperties: true);
        return faults.Select(one =>
            $"{string.Join(", ", one.MemberNames.Select(name => $"{path}:{name}"))}: {one.ErrorMessage}").Concat(
            from property in options.GetType().GetProperties()
            where Setting.IsGroup($"{path}:{property.Name}") && IsUsed(options, property.Name)
            from fault in Faults(property.GetValue(options)!, $"{path}:{property.Name}")
            select fault);
    }

    // A store that was not chosen need not have what it requires, and a gateway has none.
    private static bool IsUsed(object options, string group) => options is not GranarySiloOptions silo || group switch
    {
        nameof(silo.Sqlite) => silo.IsSilo && silo.Store == StoreKind.Sqlite,
        nameof(silo.Postgres) => silo.IsSilo && silo.Store == StoreKind.Postgres,
        // Without an account it would have had the cluster's, whose own fault is reported.
        nameof(silo.Azure) => silo.IsSilo && silo.Store == StoreKind.Azure
            && (silo.Azure.HasAccount() || silo.Cluster != ClusterKind.Azure),
        _ => true,
    };
}

/// <summary>The command line or a setting is wrong.</summary>
internal sealed class InvalidSettingsException(string message) : InvalidOperationException(message);
