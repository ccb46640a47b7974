using Granary.AppHost;

var builder = DistributedApplication.CreateBuilder(args);

var log = Servers.AddLog(builder);
var cluster = Servers.AddCluster(builder);
foreach (var name in (string[])["silo-1", "silo-2"]) builder.AddSilo(name, log, cluster);
builder.AddGateway("gateway", cluster);

await builder.Build().RunAsync();
