using System.Net;
using Orleans.Configuration;
using Orleans.Dashboard;

namespace Granary.Silo;

/// <summary>The dashboard of Orleans: silos, grains, calls and the log. It has no authentication.</summary>
internal static class Dashboard
{
    private const string Route = "/dashboard";

    /// <summary>Adds what a silo collects for it; without it, a silo has nothing of it.</summary>
    public static void AddTo(ISiloBuilder silo, DashboardAccess access)
    {
        if (access != DashboardAccess.Off) silo.AddDashboard();

        // A type of grains is a category that streams of others cannot have.
        else silo.Configure<GrainTypeOptions>(static types =>
            types.Classes.RemoveWhere(static type => type.Assembly == typeof(DashboardOptions).Assembly));
    }

    /// <summary>Adds what a gateway needs to show it.</summary>
    public static void AddTo(IClientBuilder client, DashboardAccess access)
    {
        if (access != DashboardAccess.Off) client.AddDashboard();
    }

    /// <summary>Serves it.</summary>
    public static void Map(WebApplication app, DashboardAccess access)
    {
        if (access == DashboardAccess.Off) return;
        var routes = app.MapOrleansDashboard(Route).ExcludeFromDescription();
        if (access == DashboardAccess.Loopback) routes.AddEndpointFilter(AllowLoopback);
    }

    // Others get the answer that they would get if there were none.
    private static ValueTask<object?> AllowLoopback(
        EndpointFilterInvocationContext call, EndpointFilterDelegate next) =>
        call.HttpContext.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
            ? next(call)
            : ValueTask.FromResult<object?>(Results.NotFound());
}
