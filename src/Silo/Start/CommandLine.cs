namespace Granary.Silo;

/// <summary>
/// The silo's arguments, each <c>--name=value</c> or <c>--name value</c>. The configuration's own reader ignores what
/// it does not understand; here it is refused.
/// </summary>
/// <param name="Arguments">The arguments, each as <c>--name=value</c>.</param>
/// <param name="Action">What to do instead of a start.</param>
internal sealed record CommandLine(IReadOnlyList<string> Arguments, CommandLine.Actions Action)
{
    private const string Prefix = "--";
    private const string BackupName = "backup";
    private const string HealthName = "health";

    // The sections that other parts of the host read, and the names of single settings of theirs.
    private static readonly string[] HostSections = ["Logging"];
    private static readonly string[] HostNames = ["AllowedHosts", "environment"];

    private static readonly string[] HealthQuestions = ["live", "ready"];

    /// <summary>What an argument requests instead of a start.</summary>
    public enum Actions
    {
        /// <summary>Nothing: the silo starts.</summary>
        None,

        /// <summary>The list of options.</summary>
        Help,

        /// <summary>The version.</summary>
        Version,

        /// <summary>A backup of the store.</summary>
        Backup,

        /// <summary>Whether the process that runs with these settings is well.</summary>
        Health,
    }

    /// <summary>The file that a backup is written to; null where none is requested.</summary>
    public string? BackupPath { get; private init; }

    /// <summary>What the running process is asked, live or ready; null where it is asked nothing.</summary>
    public string? HealthQuestion { get; private init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="InvalidSettingsException">Some mean nothing; the message names each.</exception>
    public static CommandLine Parse(IReadOnlyList<string> arguments)
    {
        var action = Actions.None;
        string? backup = null, health = null;
        var faults = new List<string>();
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        for (var at = 0; at < arguments.Count; at++)
        {
            var argument = arguments[at];
            if (ActionOf(argument) is { } found)
            {
                action = found;
                continue;
            }

            var (name, value) = Split(argument);
            if (value is null && at + 1 < arguments.Count && IsValue(argument, arguments[at + 1]))
                value = arguments[++at];
            if (name.Equals(BackupName, StringComparison.OrdinalIgnoreCase) && !string.IsNullOrEmpty(value))
                (action, backup) = (Actions.Backup, value);
            else if (name.Equals(HealthName, StringComparison.OrdinalIgnoreCase) && HealthQuestions.Contains(value))
                (action, health) = (Actions.Health, value);
            else if (Fault(argument, name, value) is { } fault)
                faults.Add(fault);
            else if (!values.TryAdd(name, value!))
                faults.Add($"'{Prefix}{name}' is given twice.");
        }

        if (faults.Count > 0) faults.Add("--help lists the options.");
        SiloSettings.ThrowIfAny(faults);
        return new([.. values.Select(static one => $"{Prefix}{one.Key}={one.Value}")], action)
        {
            BackupPath = backup,
            HealthQuestion = health,
        };
    }

    private static Actions? ActionOf(string argument) => argument switch
    {
        "--help" or "-h" or "-?" => Actions.Help,
        "--version" => Actions.Version,
        _ => null,
    };

    private static (string Name, string? Value) Split(string argument)
    {
        var end = argument.IndexOf('=', StringComparison.Ordinal);
        var name = end < 0 ? argument : argument[..end];
        return (name.StartsWith(Prefix, StringComparison.Ordinal) ? name[Prefix.Length..] : "",
            end < 0 ? null : argument[(end + 1)..]);
    }

    private static bool IsValue(string argument, string next) =>
        argument.StartsWith(Prefix, StringComparison.Ordinal) && !next.StartsWith(Prefix, StringComparison.Ordinal)
        && ActionOf(next) is null;

    private static string? Fault(string argument, string name, string? value)
    {
        // What follows the equals sign may be a password.
        if (name.Length == 0) return $"'{argument.Split('=')[0]}' is no option. An option is {Prefix}name=value.";
        if (name.Equals(BackupName, StringComparison.OrdinalIgnoreCase)) return $"'{Prefix}{name}' names no file.";
        if (name.Equals(HealthName, StringComparison.OrdinalIgnoreCase))
            return $"'{Prefix}{name}' is {string.Join(" or ", HealthQuestions)}.";
        var root = name.Split(':')[0];
        if (SiloSettings.OtherAddresses.Contains(root, StringComparer.OrdinalIgnoreCase))
            return $"'{Prefix}{name}' is no option. {SiloSettings.AddressAdvice}.";
        if (root.Equals(Setting.Section, StringComparison.OrdinalIgnoreCase))
        {
            if (Setting.Fault(name) is { } fault) return $"'{Prefix}{name}' {fault}.";
        }
        else if (!HostNames.Contains(name, StringComparer.OrdinalIgnoreCase)
            && !(name.Contains(':') && HostSections.Contains(root, StringComparer.OrdinalIgnoreCase)))
        {
            return $"'{Prefix}{name}' is no option. Granary's own begin with {Prefix}{Setting.Section}: .";
        }

        return value is null ? $"'{Prefix}{name}' has no value." : null;
    }
}
