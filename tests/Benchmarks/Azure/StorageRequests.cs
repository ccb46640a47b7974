using System.Text;
using Azure.Storage.Blobs;
using Granary.Tests;

namespace Granary.Benchmarks;

/// <summary>Counts the requests to the account, by what the price list distinguishes.</summary>
internal sealed class StorageRequests() : DelegatingHandler(new SocketsHttpHandler())
{
    private static readonly byte[][] Actions =
        [.. new[] { "PUT", "POST", "MERGE", "PATCH", "DELETE" }.Select(static verb =>
            Encoding.ASCII.GetBytes($"\n{verb} http"))];

    private readonly Uri _blobs = new BlobServiceClient(AzuriteServer.ConnectionString).Uri;
    private readonly Lock _lock = new();
    private RequestCounts _counts = new();

    /// <summary>What was counted since the last time.</summary>
    public RequestCounts Take()
    {
        lock (_lock)
        {
            var counts = _counts;
            _counts = new RequestCounts();
            return counts;
        }
    }

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var counts = await CountAsync(request);
        lock (_lock) _counts = _counts.Plus(counts);
        return await base.SendAsync(request, cancellationToken);
    }

    private async Task<RequestCounts> CountAsync(HttpRequestMessage request)
    {
        var body = request.Content?.Headers.ContentLength ?? 0;
        var isRead = request.Method == HttpMethod.Get || request.Method == HttpMethod.Head;
        if (IsOfBlobs(request))
        {
            return isRead ? new RequestCounts { BlobReads = 1 }
                : request.Method == HttpMethod.Delete ? new RequestCounts { BlobDeletes = 1 }
                : new RequestCounts { BlobWrites = 1, BytesSent = body };
        }

        if (isRead) return new RequestCounts { TableReads = 1 };
        return request.RequestUri!.AbsolutePath.EndsWith("/$batch", StringComparison.Ordinal)
            ? new RequestCounts
            {
                TableGroups = 1, RowsInGroups = await RowsOfAsync(request.Content!), BytesSent = body,
            }
            : new RequestCounts { TableWrites = 1, BytesSent = body };
    }

    private bool IsOfBlobs(HttpRequestMessage request) => request.RequestUri!.Authority == _blobs.Authority;

    private static async Task<int> RowsOfAsync(HttpContent content)
    {
        using var buffer = new MemoryStream();
        await content.CopyToAsync(buffer, CancellationToken.None);
        var bytes = buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
        return Actions.Sum(verb => Count(bytes.Span, verb));
    }

    private static int Count(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> part)
    {
        var count = 0;
        for (var at = bytes.IndexOf(part); at >= 0; at = bytes.IndexOf(part), count++)
            bytes = bytes[(at + part.Length)..];
        return count;
    }
}

/// <summary>How many requests of each kind.</summary>
internal sealed record RequestCounts
{
    /// <summary>Transactions of tables with several rows.</summary>
    public long TableGroups { get; init; }

    /// <summary>The rows that these write.</summary>
    public long RowsInGroups { get; init; }

    /// <summary>Writes of one row.</summary>
    public long TableWrites { get; init; }

    public long TableReads { get; init; }

    public long BlobWrites { get; init; }

    public long BlobReads { get; init; }

    public long BlobDeletes { get; init; }

    /// <summary>What the bodies of requests that write have, in bytes.</summary>
    public long BytesSent { get; init; }

    public RequestCounts Plus(RequestCounts other) => new()
    {
        TableGroups = TableGroups + other.TableGroups,
        RowsInGroups = RowsInGroups + other.RowsInGroups,
        TableWrites = TableWrites + other.TableWrites,
        TableReads = TableReads + other.TableReads,
        BlobWrites = BlobWrites + other.BlobWrites,
        BlobReads = BlobReads + other.BlobReads,
        BlobDeletes = BlobDeletes + other.BlobDeletes,
        BytesSent = BytesSent + other.BytesSent,
    };
}
