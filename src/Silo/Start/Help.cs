using System.Globalization;
using System.Reflection;
using System.Text;
using System.Xml.Linq;

namespace Granary.Silo;

/// <summary>The text of <c>--help</c>: every option, from the option classes and their documentation.</summary>
internal static class Help
{
    private const int Width = 100;
    private const string Indent = "      ";

    /// <summary>The version of this build.</summary>
    public static string Version => typeof(Help).Assembly.GetName().Version?.ToString(3) ?? "";

    /// <summary>Writes the text.</summary>
    public static string Text()
    {
        var text = new StringBuilder($"""
            Granary {Version}, an event store for Orleans grains.

            Usage: Granary.Silo [--option=value ...]

            Each option is also read from appsettings.json and from the environment: --Granary:Journal:RetryTimeoutMs
            is the variable Granary__Journal__RetryTimeoutMs. The command line comes first, then the environment.

            """);
        var docs = new Documentation();
        foreach (var group in Setting.All.GroupBy(static one => one.Group))
        {
            text.Append('\n').Append(group.Key).Append(":\n");
            foreach (var setting in group)
                Describe(text, $"--{setting.Path}=<{TypeName(setting)}>", $"{docs.Summary(setting)} {Values(setting)}");
        }

        text.Append("\nOf the host:\n");
        Describe(
            text, "--AllowedHosts=<names>",
            "Host names, separated by semicolons, that requests may be for beside those of loopback and of "
            + "Granary:Url. *.example.org means every name under it, and * means every name.");
        Describe(text, "--Logging:LogLevel:<category>=<level>", "What is logged: Trace to Critical, or None.");
        Describe(text, "--environment=<name>", "Names a further settings file, appsettings.<name>.json.");
        Describe(
            text, "--backup=<file>",
            "Write a backup of the store in Granary:DataPath to a new file and end. A silo may run meanwhile. "
            + "With sqlite alone.");
        Describe(
            text, "--health=<live|ready>",
            "Ask the process that runs with the same settings whether it is well, and end with 0 where it is, else "
            + "with 1. For the health check of a container.");
        Describe(text, "--help, --version", "Print this, or the version.");
        text.Append("\nEnvironment variables of OpenTelemetry:\n");
        Describe(
            text, "OTEL_EXPORTER_OTLP_ENDPOINT",
            "Where traces and metrics are exported to. Without it no traces are made; metrics are at /metrics in any "
            + "case. The other OTEL_* variables are read too.");
        text.Append("\nExit codes: 0 after an orderly stop, 1 after a fault, ")
            .Append("2 where the command line or a setting is wrong.\n");
        return text.ToString();
    }

    private static void Describe(StringBuilder text, string name, string description)
    {
        text.Append("  ").Append(name);
        var column = Width;
        foreach (var word in description.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (column + 1 + word.Length > Width)
            {
                text.Append('\n').Append(Indent).Append(word);
                column = Indent.Length + word.Length;
            }
            else
            {
                text.Append(' ').Append(word);
                column += 1 + word.Length;
            }
        }

        text.Append('\n');
    }

    private static string TypeName(Setting setting) => Type.GetTypeCode(setting.Property.PropertyType) switch
    {
        TypeCode.String => "text",
        TypeCode.Boolean => "true|false",
        _ when setting.Words is { } words => string.Join('|', words),
        _ when setting.Property.PropertyType == typeof(Uri) => "address",
        _ => "number",
    };

    private static string Values(Setting setting)
    {
        var value = setting.Default is Enum choice
            ? Setting.Word(choice)
            : Convert.ToString(setting.Default, CultureInfo.InvariantCulture)!;
        var shown = value.Length == 0 ? "none" : value is "True" or "False" ? value.ToLowerInvariant() : value;
        return setting.Range is { } range
            ? string.Create(CultureInfo.InvariantCulture, $"(default {shown}, {range.Minimum} to {range.Maximum})")
            : $"(default {shown})";
    }

    /// <summary>The summaries of the options, from the documentation files beside their assemblies.</summary>
    private sealed class Documentation
    {
        private readonly Dictionary<Assembly, XDocument?> _files = [];

        public string Summary(Setting setting)
        {
            var type = setting.Property.DeclaringType!;
            if (!_files.TryGetValue(type.Assembly, out var file))
            {
                var path = Path.Combine(AppContext.BaseDirectory, $"{type.Assembly.GetName().Name}.xml");
                _files[type.Assembly] = file = File.Exists(path) ? XDocument.Load(path) : null;
            }

            var name = $"P:{type.FullName}.{setting.Property.Name}";
            var summary = file?.Descendants("member").FirstOrDefault(one => one.Attribute("name")?.Value == name)
                ?.Element("summary");
            return summary is null
                ? ""
                : string.Join(' ', string.Concat(summary.Nodes().Select(Text))
                    .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        }

        // A reference names what it refers to in an attribute; every other element holds its text.
        private static string Text(XNode node) => node switch
        {
            XText text => text.Value,
            XElement element when element.Attribute("cref")?.Value is { } reference => reference.Split('.')[^1],
            XElement element => element.Value,
            _ => "",
        };
    }
}
