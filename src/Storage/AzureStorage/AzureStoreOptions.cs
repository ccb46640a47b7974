using System.ComponentModel.DataAnnotations;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Granary.Storage.AzureStorage;

/// <summary>The storage account and the settings of a store.</summary>
public sealed class AzureStoreOptions : IValidatableObject
{
    /// <summary>
    /// How many partitions a log may have: each is looked at for what was appended.
    /// </summary>
    internal const int PartitionsMax = 256;

    /// <summary>
    /// The account with its key or a signature, as the portal shows it; <c>UseDevelopmentStorage=true</c> is the
    /// emulator Azurite on this machine. It is a secret: no log and no error has it.
    /// Either this or <see cref="TableEndpoint"/> is set.
    /// </summary>
    public string? ConnectionString { get; set; }

    /// <summary>
    /// The address of the account's tables, as in <c>https://orders.table.core.windows.net</c>. It is used with the
    /// shared access signature that it ends with, which must be one of the account for tables and blobs, or else with
    /// <see cref="Credential"/>, which is the identity of the process where nothing else is set.
    /// </summary>
    public Uri? TableEndpoint { get; set; }

    /// <summary>
    /// The address of the account's blobs, beside <see cref="TableEndpoint"/>. Where it is not set, that of the tables
    /// with <c>blob</c> in the place of <c>table</c>.
    /// </summary>
    public Uri? BlobEndpoint { get; set; }

    /// <summary>
    /// Who the silo is where an address is used. Where it is null, the identity of the process
    /// (<c>DefaultAzureCredential</c>).
    /// </summary>
    public TokenCredential? Credential { get; set; }

    /// <summary>
    /// The name of the table and of the container of blobs; both are created where they do not exist. 3 to 63 small
    /// letters and digits, a letter first. Default <c>granary</c>.
    /// </summary>
    [Required(AllowEmptyStrings = false)]
    [RegularExpression(
        "[a-z][a-z0-9]{2,62}", ErrorMessage = "It must be 3 to 63 small letters and digits, a letter first.")]
    public string Name { get; set; } = "granary";

    /// <summary>How many partitions the log has: so many commit at once. Fixed when the store is created. Default 16.
    /// </summary>
    [Range(1, PartitionsMax)]
    public int PartitionCount { get; set; } = 16;

    /// <summary>
    /// How long a call is tried again while the service is busy or other silos commit to the same partition, in
    /// milliseconds; less than a grain waits for its commit. Default 8,000.
    /// </summary>
    [Range(1, 600_000)]
    public int RetryBudgetMs { get; set; } = 8_000;

    /// <summary>How long one request waits for its answer, in milliseconds. Default 10,000.</summary>
    [Range(1, 600_000)]
    public int RequestTimeoutMs { get; set; } = 10_000;

    /// <summary>
    /// How often the log is looked at for what other processes appended, in milliseconds, while somebody waits for it.
    /// A partition in which nothing is found is looked at less often, up to 16 times this, or 5 seconds. Default 100.
    /// </summary>
    [Range(1, 60_000)]
    public int TailPollMs { get; set; } = 100;

    /// <summary>How requests are sent; null for the client's own way. Tests put faults into it.</summary>
    internal HttpPipelineTransport? Transport { get; set; }

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        AccountChecks.Faults(this);
}
