using System.Net;

namespace Granary.Tests.Integration;

/// <summary>The example ledger is served where it is asked for.</summary>
public sealed class LedgerTests : IDisposable
{
    private readonly TempFolder _data = new();

    [Fact]
    public async Task A_silo_without_the_ledger_serves_and_describes_no_accounts()
    {
        await using var silo = await SiloProcess.StartAsync(_data.Path, "--Granary:Ledger=false");
        (await silo.Api.PostAsync("/api/accounts/1", """{"owner":"Ada","currency":"EUR"}"""))
            .IsProblem(HttpStatusCode.NotFound);
        (await silo.Api.GetAsync("/api/accounts/1")).IsProblem(HttpStatusCode.NotFound);
        var description = (await silo.Api.GetAsync("/openapi/granary.json")).Is(HttpStatusCode.OK).Text;
        Assert.Contains("/api/streams/", description, StringComparison.Ordinal);
        Assert.DoesNotContain("/api/accounts", description, StringComparison.Ordinal);
        (await silo.Api.PostAsync("/api/streams/things/1", Events.Numbered(1))).Is(HttpStatusCode.Created);
    }

    public void Dispose() => _data.Dispose();
}
