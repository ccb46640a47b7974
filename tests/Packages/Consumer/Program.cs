// Builds an application of the packages alone, and fails where one of them does not do its part.
using System.Net;
using System.Text;
using Consumer;
using Granary;

PackageContents.Check(args[0]);

var folder = Directory.CreateTempSubdirectory("granary-consumer-");
var path = Path.Combine(folder.FullName, "granary.db");
const string orders = "/api/streams/orders/42";

await using (var application = await Application.StartAsync(path))
{
    Expect.Equal("first total", 2, await application.Tally("t").Add(2));
    using var content = new StringContent(
        """{"type":"placed","data":{"total":100}}""", Encoding.UTF8, "application/json");
    using var answer = await application.Http.PostAsync(orders, content);
    Expect.Equal("append over HTTP", HttpStatusCode.Created, answer.StatusCode);
}

await using (var application = await Application.StartAsync(path))
{
    Expect.Equal("total after a restart", 5, await application.Tally("t").Add(3));
    var state = await application.Granary.ReadStateAsync(
        new StreamName("tally", "t"), new StreamVersion(1), CancellationToken.None);
    Expect.Equal("state at version 1", """{"total":2}""", Encoding.UTF8.GetString(state.Json));
    var over = await application.Http.GetStringAsync(orders + "/state");
    Expect.Equal("state over HTTP", true, over.Contains("\"state\":{\"total\":100}", StringComparison.Ordinal));
}

Expect.Equal(
    "package named that a client of Redis needs", true,
    Application.ClientFault("redis").Contains(
        "add package Microsoft.Orleans.Clustering.Redis", StringComparison.Ordinal));

folder.Delete(recursive: true);
