using Azure;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Granary.Storage.AzureStorage;

namespace Granary.Tests.Conformance.Azure;

/// <summary>What another program changes in the rows and blobs of models is reported, and never served.</summary>
public sealed class AzureModelDamageTests : AzureModelTest
{
    private const int Commits = 3;

    private static readonly string[] NotOwn = ["PartitionKey", "RowKey", "Timestamp", "odata.etag"];

    [Fact]
    public async Task A_row_of_a_model_that_was_changed_is_reported()
    {
        var models = await FilledAsync();
        var table = new TableClient(AzuriteServer.ConnectionString, Data.Options.Name);
        var rows = new List<TableEntity>();
        await foreach (var row in table.QueryAsync<TableEntity>(cancellationToken: Token))
            if (row.PartitionKey.StartsWith("model-", StringComparison.Ordinal)) rows.Add(row);
        Assert.Equal(4, rows.Select(static one => one.PartitionKey.Split('-')[1]).Distinct().Count());

        foreach (var row in rows)
        {
            foreach (var name in row.Keys.Except(NotOwn))
            {
                foreach (var other in new[] { "nonsense", Other(row[name]) })
                {
                    await table.UpdateEntityAsync(
                        new TableEntity(row) { [name] = other }, ETag.All, TableUpdateMode.Replace, Token);
                    await Assert.ThrowsAsync<StoreCorruptException>(() => ReadAllAsync(models));
                }
            }

            await table.UpdateEntityAsync(row, ETag.All, TableUpdateMode.Replace, Token);
        }

        await ReadAllAsync(models);
    }

    [Fact]
    public async Task A_blob_of_a_model_that_was_changed_is_reported()
    {
        var models = await FilledAsync();
        var container = new BlobContainerClient(AzuriteServer.ConnectionString, Data.Options.Name);
        await foreach (var blob in container.GetBlobsAsync(cancellationToken: Token))
            await container.GetBlobClient(blob.Name).UploadAsync(new BinaryData("\"less\""), overwrite: true, Token);

        await Assert.ThrowsAsync<StoreCorruptException>(() => ReadAllAsync(models));
    }

    private async Task<AzureModelStore> FilledAsync()
    {
        var models = await OpenModelsAsync();
        await CreateAsync(models);
        for (var at = 0; at < Commits; at++) await models.CommitAsync(await NextAsync(models, at), Token);
        return models;
    }

    private static async Task ReadAllAsync(AzureModelStore models)
    {
        Assert.Equal(Commits, Assert.Single(await models.ReadCheckpointsAsync(Token)).Position.Value);
        await models.CreateTableAsync(Orders, Token);
        await models.CreateTableAsync(Totals, Token);
        await AssertStateAsync(models, Commits);
    }

    private static object Other(object value) => value switch
    {
        long number => number + 1,
        int number => number + 1,
        Guid id => new Guid([.. id.ToByteArray().Select(static one => (byte)~one)]),
        byte[] bytes => (byte[])[(byte)(bytes[0] ^ 1), .. bytes[1..]],
        _ => "other",
    };
}
