namespace Granary.Benchmarks;

/// <summary>What <c>compare-azure</c> measures.</summary>
internal static class AzureSuite
{
    private const string Method = """
        - One private emulator of Azure Storage, Azurite, in memory, for all of them, on the same cores as the grains.
          It has one thread: a rate is what that thread does, and costs there are not the service's. A transaction of
          four small rows keeps it busy for longer than the replacement of one row with a log of a hundred events. It
          looks for a row among all rows of its partition of the table, one by one, where the service has an index.
          Granary has many rows in a partition, and LogStorage one: so each line is measured on tables that were empty
          before.
        - Granary is as it comes: 16 partitions, one table and one container. LogStorage is Orleans' own, over
          `AddAzureTableGrainStorage` and `AddAzureBlobGrainStorage` of the same version as Orleans, as they come. Each
          has a silo in the process with the same ordinary `JournaledGrain`, and tables and containers of its own.
        - In turns, Granary, tables, blobs, each on fresh streams: they are filled by one command each, and then the
          commands that count follow, one event each, every grain's next when the last one was answered. A value is
          the median of the turns' ratios, the spread (greatest - least) / median of these.
        - What was confirmed is counted again: Granary's in the table, LogStorage's by grains that were deactivated
          before.
        - Requests are counted where the clients send them, those that are sent again included.
        """;

    public static Suite Suite { get; } = new(
        "compare-azure", "Measures Granary on Azure Storage beside LogStorage over Azure's tables and blobs.")
    {
        NeedsAzure = true,
        Page = "docs/azure.md",
        Title = "Beside LogStorage, measured",
        Method = Method,
        Rows = Rows,
        Extras =
        [
            new("azure-least", "What one request takes here", AzureRequests.MeasureAsync) { IsQuick = true },
            new("azure-lengths", "Commands/s by grains and length", AzureLengths.MeasureAsync) { IsQuick = true },
            new("azure-large", "With larger events", AzureLengths.MeasureLargeAsync),
            new("azure-latency", "With a longer way to the service", AzureLengths.MeasureSlowAsync),
            new("azure-stop", "Where LogStorage stops", AzureStop.MeasureAsync) { IsQuick = true },
            new("azure-costs", "Requests and their price", AzureCosts.MeasureAsync) { IsQuick = true },
        ],
    };

    private static IReadOnlyList<Row> Rows =>
    [
        new("azure-vs-tables", 3, 5, new AzureScenario(inBlobs: false))
        {
            What = "commands confirmed/s, 16 grains at 100 events each, against LogStorage over Azure Table storage",
            Limit = "a request a commit: what the emulator takes for one row is nearly what it takes for LogStorage's "
                + "log of this length (below). Only commits of several appends would be less, and 16 grains are in 16 "
                + "partitions",
        },
        new("azure-vs-blobs", 3, 5, new AzureScenario(inBlobs: true))
        {
            What = "the same against LogStorage over Azure Blob storage",
            Limit = "as before",
        },
        new("azure-large-vs-tables", 3, 5, new AzureScenario(inBlobs: false, isLarge: true))
        {
            What = "the same with events of 1,000 bytes, against Azure Table storage",
            Limit = "Granary's four small rows a request, and what else the silo does",
        },
        new("azure-large-vs-blobs", 3, 5, new AzureScenario(inBlobs: true, isLarge: true))
        {
            What = "the same with events of 1,000 bytes, against Azure Blob storage",
            Limit = "as before",
        },
        new("azure-long-stream", 0.9, 1, new AzureFlatScenario())
        {
            What = "commands/s of 16 grains at event 10,000 against at event 10, in the same partitions",
            Limit = "nothing should: a commit writes its own rows and the heads of its streams",
        },
    ];
}
