using System.ComponentModel.DataAnnotations;
using Granary.Runtime;
using Granary.Storage.Sqlite;

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

    public JournalOptions Journal { get; } = new();

    public AppenderOptions Appender { get; } = new();

    public SnapshotOptions Snapshots { get; } = new();

    /// <summary>The store; where it is and its partitions follow from the options above.</summary>
    public SqliteStoreOptions Sqlite { get; } = new();

    public bool IsLoopback => Uri.TryCreate(Url, UriKind.Absolute, out var url) && url.IsLoopback;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!Uri.TryCreate(Url, UriKind.Absolute, out var url) || url.Scheme != Uri.UriSchemeHttp
            || url.PathAndQuery != "/" || url.Port == 0)
            yield return new($"Url is '{Url}'; it must be like http://127.0.0.1:5210.", [nameof(Url)]);
    }
}
