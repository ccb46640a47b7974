using System.Globalization;
using System.Text;
using Azure;
using Azure.Data.Tables;
using Azure.Storage.Blobs;

namespace Granary.Tests.Cli;

/// <summary>
/// Who reads a row of the log that another program has changed gets what was stored, or an error that says so.
/// <c>granary verify</c> finds it.
/// </summary>
public sealed class AzureDamageTests
{
    private static readonly string[] NotOwn = ["PartitionKey", "RowKey", "Timestamp", "odata.etag"];
    private static readonly StreamName[] Streams = [Of("0"), Of("1"), Of("2"), Of("large")];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData('t')]
    [InlineData('f')]
    [InlineData('e')]
    [InlineData('h')]
    [InlineData('c')]
    [InlineData('r')]
    [InlineData('s')]
    public async Task A_row_that_was_changed_is_reported_and_never_served(char kind)
    {
        Assert.SkipWhen(AzuriteServer.SkipReason is not null, AzuriteServer.SkipReason ?? "");
        await using var folder = new StoreFolder();
        var address = folder.New("azure");
        await FillAsync(address);
        var sound = await ReadAsync(address);
        using var before = await TestIo.RunAsync(0, "verify", address);
        var table = new TableClient(AzuriteServer.ConnectionString, address.Split("Table=")[1]);
        var rows = await RowsAsync(table, kind);

        foreach (var (row, changed) in rows.SelectMany(Changes))
        {
            await table.UpsertEntityAsync(changed, TableUpdateMode.Replace, Token);

            Assert.Equal(sound, await ReadAsync(address, sound));
            using var io = await TestIo.RunAsync(ExitCodes.Found, "verify", address);

            Assert.Contains("damaged", io.Output + io.Error, StringComparison.Ordinal);
            if (changed.RowKey != row.RowKey)
                await table.DeleteEntityAsync(changed.PartitionKey, changed.RowKey, ETag.All, Token);
            await table.UpsertEntityAsync(row, TableUpdateMode.Replace, Token);
        }

        using var after = await TestIo.RunAsync(0, "verify", address);
    }

    [Theory]
    [InlineData('t')]
    [InlineData('f')]
    [InlineData('e')]
    [InlineData('h')]
    [InlineData('c')]
    [InlineData('r')]
    public async Task A_row_that_was_deleted_is_found(char kind)
    {
        Assert.SkipWhen(AzuriteServer.SkipReason is not null, AzuriteServer.SkipReason ?? "");
        await using var folder = new StoreFolder();
        var address = folder.New("azure");
        await FillAsync(address);
        var table = new TableClient(AzuriteServer.ConnectionString, address.Split("Table=")[1]);
        var rows = await AllAsync(table, kind);

        foreach (var row in rows)
        {
            await table.DeleteEntityAsync(row.PartitionKey, row.RowKey, ETag.All, Token);
            using var io = await TestIo.RunAsync(ExitCodes.Found, "verify", address);
            await table.UpsertEntityAsync(row, TableUpdateMode.Replace, Token);
        }

        Assert.NotEmpty(rows);
        using var after = await TestIo.RunAsync(0, "verify", address);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_blob_that_was_changed_or_deleted_is_reported_and_never_served(bool isDeleted)
    {
        Assert.SkipWhen(AzuriteServer.SkipReason is not null, AzuriteServer.SkipReason ?? "");
        await using var folder = new StoreFolder();
        var address = folder.New("azure");
        await FillAsync(address);
        var sound = await ReadAsync(address);
        var container = new BlobContainerClient(AzuriteServer.ConnectionString, address.Split("Table=")[1]);
        var count = 0;

        await foreach (var blob in container.GetBlobsAsync(cancellationToken: Token))
        {
            var client = container.GetBlobClient(blob.Name);
            var content = (await client.DownloadContentAsync(Token)).Value.Content;
            var bytes = content.ToArray();
            bytes[^1] ^= 1;
            if (isDeleted) await client.DeleteAsync(cancellationToken: Token);
            else await client.UploadAsync(new BinaryData(bytes), overwrite: true, Token);

            // A snapshot is checked by who reads it.
            if (blob.Name.StartsWith("events", StringComparison.Ordinal))
                Assert.Equal(sound, await ReadAsync(address, sound));
            using var io = await TestIo.RunAsync(ExitCodes.Found, "verify", address);

            await client.UploadAsync(content, overwrite: true, Token);
            count++;
        }

        Assert.Equal(2, count);
        using var after = await TestIo.RunAsync(0, "verify", address);
    }

    private static StreamName Of(string key) => new("orders", key);

    // A clearing and a truncation that are not scrubbed, a snapshot, and an append that is in a blob.
    private static async Task FillAsync(string address)
    {
        await using var store = await StoreFolder.OpenAsync(address, partitions: 1);
        var history = new History(store, 1, streams: 3);
        await history.WriteAsync(12, clears: false);
        await history.ClearAsync(Of("1"));
        await history.WriteAsync(6, clears: false);
        await history.SnapshotAsync(Of("2"), 3);
        await history.TruncateAsync(Of("2"), 3);
        var large = Encoding.UTF8.GetBytes($"\"{new string('x', 300_000)}\"");
        await store.Events.CommitAsync(
            new Append(
                Of("large"), ExpectedVersion.Any, AppendId.New(TimeProvider.System),
                [new NewEvent(TimeProvider.System, "placed", large)]),
            TimeProvider.System.GetUtcNow(), Token);
    }

    // The first and the last one of a kind are enough: the last append is in a blob.
    private static async Task<IEnumerable<TableEntity>> RowsAsync(TableClient table, char kind)
    {
        var rows = await AllAsync(table, kind);
        return new[] { rows[0], rows[^1] }.Distinct();
    }

    private static async Task<List<TableEntity>> AllAsync(TableClient table, char kind)
    {
        var rows = new List<TableEntity>();
        await foreach (var row in table.QueryAsync<TableEntity>(
            "PartitionKey eq 'log-00000'", cancellationToken: Token))
        {
            if (row.RowKey[0] == kind) rows.Add(row);
        }

        return rows;
    }

    private static IEnumerable<(TableEntity Row, TableEntity Changed)> Changes(TableEntity row)
    {
        yield return (row, new TableEntity(row) { RowKey = row.RowKey + "0" });
        foreach (var (name, value) in row.Where(static one => !NotOwn.Contains(one.Key)))
        {
            yield return (row, With(row, name, null));
            yield return (row, With(row, name, "nonsense"));
            if (Other(value) is { } other) yield return (row, With(row, name, other));
        }
    }

    private static object? Other(object value) => value switch
    {
        long number => number - 1,
        int number => number + 1,
        Guid id => new Guid([.. id.ToByteArray().Select(static one => (byte)~one)]),
        byte[] { Length: > 0 } bytes => (byte[])[(byte)(bytes[0] ^ 1), .. bytes[1..]],
        _ => null,
    };

    private static TableEntity With(TableEntity row, string name, object? value)
    {
        var changed = new TableEntity(row);
        if (value is null) changed.Remove(name);
        else changed[name] = value;
        return changed;
    }

    // What can be read of a store, part by part. In place of a part that is reported as damaged is what was sound.
    private static async Task<string[]> ReadAsync(string address, string[]? sound = null)
    {
        await using var store = await StoreFolder.OpenAsync(address);
        var parts = new List<string>();
        await AddAsync(async () => string.Join('\n', (await Stores.LogAsync(store, 0)).Select(Text)));
        await AddAsync(async () => string.Join('\n', await store.NamesAsync(null, Token).ToArrayAsync(Token)));
        foreach (var stream in Streams)
        {
            await AddAsync(async () =>
            {
                var head = await store.Events.ReadHeadAsync(stream, Token);
                var events = await store.Events.ReadStreamAsync(stream, new(head.First.Value - 1), Token)
                    .ToArrayAsync(Token);
                return $"{head}\n{string.Join('\n', events.Select(Text))}";
            });
            await AddAsync(async () =>
                $"{await store.Snapshots.ReadSnapshotAsync(stream, new(long.MaxValue), null, Token)}");
        }

        return [.. parts];

        async Task AddAsync(Func<Task<string>> read)
        {
            try
            {
                parts.Add(await read());
            }
            catch (StoreCorruptException) when (sound is not null)
            {
                parts.Add(sound[parts.Count]);
            }
        }
    }

    private static string Text(RecordedEvent one) => string.Create(CultureInfo.InvariantCulture,
        $"{one.Position} {one.Stream} {one.Version} {one.Id} {one.AppendId} {one.Type} {one.SchemaVersion} "
        + $"{one.ContentType} {one.Timestamp:O} {Convert.ToHexString(one.Payload.Span)} {one.Metadata}");
}
