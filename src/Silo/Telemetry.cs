using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Granary.Silo;

/// <summary>
/// Metrics for <c>/metrics</c>, and an OTLP exporter of metrics and traces where the standard <c>OTEL_*</c> variables
/// set one. Without an exporter nothing listens to traces: an append that is traced costs more and stores its trace.
/// </summary>
internal static class Telemetry
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>Adds metrics, and traces where they are exported; gives whether they are.</summary>
    /// <exception cref="InvalidSettingsException">A variable is wrong; the message names it.</exception>
    public static bool AddTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        var exportsMetrics = IsExported(configuration, "METRICS");
        var exportsTraces = IsExported(configuration, "TRACES");
        var telemetry = services.AddOpenTelemetry()
            .ConfigureResource(static resource => resource.AddService("granary").AddEnvironmentVariableDetector())
            .WithMetrics(metrics =>
            {
                metrics.AddMeter(GranaryNames.Meter, "Microsoft.Orleans").AddPrometheusExporter();
                if (exportsMetrics) metrics.AddOtlpExporter(exporter => Configure(exporter, configuration, "METRICS"));
            });
        if (exportsTraces)
        {
            telemetry.WithTracing(tracing => tracing
                .AddSource(GranaryNames.ActivitySource, "Microsoft.AspNetCore", "Microsoft.Orleans.Application")
                .AddOtlpExporter(exporter => Configure(exporter, configuration, "TRACES")));
        }

        return exportsTraces;
    }

    // The exporter reads the variables for all signals; those for one signal come before them.
    private static void Configure(OtlpExporterOptions exporter, IConfiguration configuration, string signal)
    {
        var prefix = $"OTEL_EXPORTER_OTLP_{signal}_";
        exporter.Protocol = Protocol(configuration, prefix + "PROTOCOL") ?? exporter.Protocol;
        if (configuration[prefix + "ENDPOINT"] is { Length: > 0 } endpoint) exporter.Endpoint = new Uri(endpoint);
        if (configuration[prefix + "HEADERS"] is { Length: > 0 } headers) exporter.Headers = headers;
    }

    private static bool IsExported(IConfiguration configuration, string signal)
    {
        if (bool.TryParse(configuration["OTEL_SDK_DISABLED"], out var disabled) && disabled) return false;
        Protocol(configuration, "OTEL_EXPORTER_OTLP_PROTOCOL");
        Protocol(configuration, $"OTEL_EXPORTER_OTLP_{signal}_PROTOCOL");
        CheckHeaders(configuration, "OTEL_EXPORTER_OTLP_HEADERS");
        CheckHeaders(configuration, $"OTEL_EXPORTER_OTLP_{signal}_HEADERS");
        var isSet = HasEndpoint(configuration, Endpoint)
            | HasEndpoint(configuration, $"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT");
        var variable = $"OTEL_{signal}_EXPORTER";
        return configuration[variable] switch
        {
            null or "" => isSet,
            "none" => false,
            "otlp" => true,
            var other => throw new InvalidSettingsException($"{variable} is '{other}'; it must be otlp or none."),
        };
    }

    // For an unknown one the exporter would use its default, as for an address below.
    private static OtlpExportProtocol? Protocol(IConfiguration configuration, string variable) =>
        configuration[variable] switch
        {
            null or "" => null,
            "grpc" => OtlpExportProtocol.Grpc,
            "http/protobuf" => OtlpExportProtocol.HttpProtobuf,
            var other => throw new InvalidSettingsException(
                $"{variable} is '{other}'; it must be grpc or http/protobuf."),
        };

    // The exporter itself throws in the middle of the start, without the name of the variable.
    private static void CheckHeaders(IConfiguration configuration, string variable)
    {
        var pairs = configuration[variable]?.Split(',', StringSplitOptions.RemoveEmptyEntries) ?? [];
        using var request = new HttpRequestMessage();
        if (Array.Exists(pairs, pair => pair.IndexOf('=') is var at && (at < 1
            || !request.Headers.TryAddWithoutValidation(pair[..at].Trim(), pair[(at + 1)..].Trim()))))
            throw new InvalidSettingsException($"{variable} is no list of headers, as in api-key=secret,tenant=one.");
    }

    // The exporter itself would send to its default address instead of one that it cannot read.
    private static bool HasEndpoint(IConfiguration configuration, string variable)
    {
        var value = configuration[variable];
        if (string.IsNullOrEmpty(value)) return false;
        return Uri.TryCreate(value, UriKind.Absolute, out var url)
            && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
            ? true
            : throw new InvalidSettingsException(
                $"{variable} is no URL; it must be http or https, like http://127.0.0.1:4317.");
    }
}
