using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace Granary.Tests.Integration;

/// <summary>The log of a ledger as it was read: the events of each partition, in order.</summary>
internal sealed class LedgerLog(IReadOnlyList<IReadOnlyList<LedgerEvent>> partitions)
{
    private const int PageSize = 1000;

    public IReadOnlyList<IReadOnlyList<LedgerEvent>> Partitions => partitions;

    public IEnumerable<LedgerEvent> Events => partitions.SelectMany(static one => one);

    /// <summary>The end of each partition that has events, as a query of models takes it.</summary>
    public string End =>
        string.Join(',', partitions.Where(static one => one.Count > 0).Select(static one => one[^1].At));

    /// <summary>Reads it whole, and checks that each partition's positions are 1 to its end.</summary>
    public static async Task<LedgerLog> ReadAsync(LedgerHttp http, int partitionCount)
    {
        var partitions = new List<IReadOnlyList<LedgerEvent>>();
        for (var partition = 0; partition < partitionCount; partition++)
        {
            var events = new List<LedgerEvent>();
            for (var more = true; more;)
            {
                var path = string.Create(CultureInfo.InvariantCulture,
                    $"/api/log?partition={partition}&after={events.Count}&limit={PageSize}");
                var page = (await http.GetAsync(path)).Is(HttpStatusCode.OK).Json;
                foreach (var one in page["events"]!.AsArray().Select(static one => LedgerEvent.Of(one!)))
                {
                    Assert.Equal(events.Count + 1, one.Position);
                    events.Add(one);
                }

                more = (bool)page["more"]!;
            }

            partitions.Add(events);
        }

        return new LedgerLog(partitions);
    }
}

/// <summary>An event of the ledger's log.</summary>
internal sealed record LedgerEvent(
    int Partition, long Position, string Category, string Key, long Version, string Type, JsonNode Data)
{
    /// <summary>Its position as text.</summary>
    public string At => string.Create(CultureInfo.InvariantCulture, $"{Partition}:{Position}");

    public decimal Amount => (decimal)Data["amount"]!;

    public static LedgerEvent Of(JsonNode one)
    {
        var stream = ((string)one["stream"]!).Split('/', 2);
        return new LedgerEvent(
            (int)one["partition"]!, (long)one["position"]!, stream[0], stream[1], (long)one["version"]!,
            (string)one["type"]!, one["data"]!);
    }

    public override string ToString() => $"{At} {Category}/{Key} {Version} {Type} {Data.ToJsonString()}";
}
