using System.ComponentModel.DataAnnotations;

namespace Granary.Silo;

/// <summary>The silo's settings, under <c>Granary</c>: appsettings.json, environment or command line.</summary>
internal sealed class GranarySiloOptions : IValidatableObject
{
    /// <summary>The folder of the data; it is created. Default <c>granary-data</c>.</summary>
    [Required(AllowEmptyStrings = false)]
    public string DataPath { get; set; } = "granary-data";

    /// <summary>Where the HTTP API listens. Default <c>http://127.0.0.1:5210</c>.</summary>
    [Required(AllowEmptyStrings = false)]
    public string Url { get; set; } = "http://127.0.0.1:5210";

    /// <summary>The port for other silos, on loopback. Default 11210.</summary>
    [Range(1, 65_535)]
    public int SiloPort { get; set; } = 11_210;

    /// <summary>The port for Orleans clients, on loopback. Default 30210.</summary>
    [Range(1, 65_535)]
    public int GatewayPort { get; set; } = 30_210;

    /// <summary>How many partitions the log has; fixed when the store is created. Default 1.</summary>
    [Range(1, 64)]
    public int PartitionCount { get; set; } = 1;

    public string DatabasePath => Path.Combine(DataPath, "granary.db");

    public bool IsLoopback => Uri.TryCreate(Url, UriKind.Absolute, out var url) && url.IsLoopback;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!Uri.TryCreate(Url, UriKind.Absolute, out var url) || url.Scheme != Uri.UriSchemeHttp)
            yield return new($"Url is '{Url}'; it must be like http://127.0.0.1:5210.", [nameof(Url)]);
    }

    /// <summary>Reads and checks the settings.</summary>
    /// <exception cref="InvalidSettingsException">One is wrong; the message names it.</exception>
    public static GranarySiloOptions Read(IConfiguration configuration)
    {
        try
        {
            var options = configuration.GetSection("Granary").Get<GranarySiloOptions>() ?? new GranarySiloOptions();
            var faults = new List<ValidationResult>();
            if (Validator.TryValidateObject(options, new(options), faults, validateAllProperties: true))
                return options;
            throw new InvalidSettingsException(string.Join(
                Environment.NewLine,
                faults.Select(static one => $"Granary:{string.Join(',', one.MemberNames)}: {one.ErrorMessage}")));
        }
        catch (InvalidOperationException fault) when (fault is not InvalidSettingsException)
        {
            throw new InvalidSettingsException(fault.Message);
        }
    }
}

/// <summary>A setting is wrong.</summary>
internal sealed class InvalidSettingsException(string message) : InvalidOperationException(message);
